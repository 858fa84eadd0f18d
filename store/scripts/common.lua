-- What every script shares. Each script file is loaded behind this one.
-- Keys are made here and in keys.py only; KEYS stays empty, because one server holds all of them.

local P = 'tallyman:'
local QUEUE_NAME = 'tallyman'
local QUEUE = 'rq:queue:' .. QUEUE_NAME
local WIP = 'rq:wip:' .. QUEUE_NAME
local SCHEDULED = 'rq:scheduled:' .. QUEUE_NAME
local DEFERRED = 'rq:deferred:' .. QUEUE_NAME
local FAILED = 'rq:failed:' .. QUEUE_NAME
local WAKE = P .. 'wake'
local WITHDRAWN = P .. 'withdrawn'

local function now_ms()
  local t = redis.call('TIME')
  return tonumber(t[1]) * 1000 + math.floor(tonumber(t[2]) / 1000)
end

-- How much of something there was in each minute, for some minutes.
local function tally(what, count, ms)
  if count == 0 then return end
  local key = P .. 'minute:' .. what .. ':' .. math.floor(ms / 60000)
  redis.call('INCRBY', key, count)
  redis.call('EXPIRE', key, 300)
end

local function job_key(id) return 'rq:job:' .. id end
local function record_key(id) return P .. 'record:' .. id end

-- One token is enough: whoever takes it looks at the whole queue.
local function wake()
  if redis.call('EXISTS', WAKE) == 0 then redis.call('LPUSH', WAKE, '1') end
end

-- The fields that RQ needs of a job, each short enough for the hash to stay a compact one.
local function write_job(id, job)
  redis.call('HSET', job_key(id),
    'data', job.before .. id .. job.after, 'origin', QUEUE_NAME, 'status', 'queued',
    'created_at', job.now, 'enqueued_at', job.now, 'description', 'notification',
    'timeout', job.timeout)
  redis.call('RPUSH', QUEUE, id)
end

-- To the front: what was begun is finished before anything new is.
local function requeue(id)
  redis.call('HSET', job_key(id), 'status', 'queued')
  redis.call('LPUSH', QUEUE, id)
end

-- Returns what the record says is still to be decided of it.
local function move_state(id, state)
  local record = record_key(id)
  local was = redis.call('HMGET', record, 'source', 'state', 'sequence', 'todo')
  if not was[1] or was[2] == state then return was[4] end
  redis.call('ZREM', P .. 'index:' .. was[1] .. ':' .. was[2], id)
  redis.call('ZADD', P .. 'index:' .. was[1] .. ':' .. state, was[3], id)
  redis.call('HSET', record, 'state', state)
  return was[4]
end

-- In slices, because Lua bounds how many arguments a call can have.
local function note(id, entries)
  for first = 1, #entries, 1000 do
    redis.call('RPUSH', P .. 'timeline:' .. id,
      unpack(entries, first, math.min(first + 999, #entries)))
  end
end

local function member(id, index) return id .. ':' .. string.format('%04d', index) end

local function lane_key(lane) return P .. 'lane:' .. lane end

-- RQ fails a job whose lease has lapsed as soon as anybody looks at its registry, `rq info` for
-- one. Our leases lapse where it does not look: a hundred years later.
local UNSEEN_SECONDS = 3155760000

local function lease_end(ms) return ms / 1000 + UNSEEN_SECONDS end

local function is_head(lane, id, index)
  return redis.call('ZRANGE', lane_key(lane), 0, 0)[1] == member(id, index)
end

-- Where a lane has a new head that waits for nothing else, its job goes to the front of the queue.
local function wake_lane(lane, besides)
  local head = redis.call('ZRANGE', lane_key(lane), 0, 0)[1]
  if not head then return end
  local id = string.match(head, '^(.*):%d+$')
  if id == besides then return end
  -- It may wait for a retry in another lane, which need not hold up this one.
  if redis.call('ZREM', DEFERRED, id) == 1 or redis.call('ZREM', SCHEDULED, id) == 1 then
    requeue(id)
    wake()
  end
end

local function leave_lane(lane, id, index)
  if redis.call('ZREM', lane_key(lane), member(id, index)) == 1 then wake_lane(lane, id) end
end

local function ledger_key(key) return P .. 'ledger:' .. key end

local TERMINAL = { done = true, dead = true, in_doubt = true, discarded = true }

-- The requests that may be made now, of a bucket that fills at a rate. It holds a tenth of a second's
-- worth, so that no second has many more than the rate. Follow-ups may overdraw it, which the next
-- ones then wait for.
local function allowance(rate, ms)
  local bucket = redis.call('HMGET', P .. 'rate', 'tokens', 'at')
  local most = math.max(rate / 10, 1)
  local tokens = tonumber(bucket[1]) or most
  return math.min(most, tokens + (ms - (tonumber(bucket[2]) or ms)) / 1000 * rate)
end

local function spend(requests, rate, ms)
  if requests == 0 then return end
  redis.call('HSET', P .. 'rate', 'tokens', allowance(rate, ms) - requests, 'at', ms)
end

-- The circuit breaker of an organisation: after some faults in a row its calls are held, until one
-- that is let through as a probe succeeds. Holding costs no attempts and no time of a command.
local FAULTS_TO_OPEN = 5
local SHORTEST_OPEN_MS, LONGEST_OPEN_MS = 1000, 60000
local PROBE_MS = 30000

local function breaker_key(org) return P .. 'breaker:' .. org end

-- Organisations without a breaker, or with one that never opened, as this run of the script saw.
local unheld = {}

-- 0 where a call may be made now, else when it is worth asking again.
local function gate(org, ms)
  if unheld[org] then return 0 end
  local breaker = redis.call('HMGET', breaker_key(org), 'open_until', 'probe_until')
  local open_until = tonumber(breaker[1])
  unheld[org] = not open_until
  if not open_until then return 0 end
  if ms < open_until then return open_until end
  local probe_until = tonumber(breaker[2]) or 0
  if ms < probe_until then return math.min(probe_until, ms + SHORTEST_OPEN_MS) end
  redis.call('HSET', breaker_key(org), 'probe_until', ms + PROBE_MS)
  return 0
end

-- health: ok, fault (it may pass), misconfigured (it will not pass by itself) or neutral.
local function tell_breaker(org, health, why, ms)
  local key = breaker_key(org)
  if health == 'ok' then
    redis.call('DEL', key)
    return
  end
  unheld[org] = nil
  local open = redis.call('HMGET', key, 'open_until', 'health')
  local open_until = tonumber(open[1])
  if health == 'neutral' then
    -- It speaks to us: the next probe need not wait until this one is given up.
    if open_until then redis.call('HSET', key, 'open_until', ms + SHORTEST_OPEN_MS, 'probe_until', 0) end
  elseif open_until and ms < open_until and (health == 'fault' or health == open[2]) then
    -- It was under way when the breaker opened, and tells nothing new.
    return
  else
    local faults = redis.call('HINCRBY', key, 'faults', 1)
    redis.call('HSET', key, 'why', why, 'health', health)
    if health == 'misconfigured' or faults >= FAULTS_TO_OPEN then
      local doublings = math.min(math.max(faults - FAULTS_TO_OPEN, 0), 10)
      local open_ms = math.min(SHORTEST_OPEN_MS * 2 ^ doublings, LONGEST_OPEN_MS)
      if health == 'misconfigured' then open_ms = math.max(open_ms, 10000) end
      redis.call('HSETNX', key, 'opened_at', ms)
      redis.call('HSET', key, 'open_until', ms + open_ms, 'probe_until', 0)
    end
    redis.call('SADD', P .. 'breakers', org)
  end
end

-- The intent, written before the call. While it is being sent, a command is before all others of
-- its lane, so that none that comes back overtakes it.
local function intend(id, command, attempt, ms)
  redis.call('HSET', ledger_key(command.key), 'status', 'sending', 'at', ms, 'attempt', attempt)
  redis.call('ZADD', lane_key(command.lane), 'XX', '-inf', member(id, command.index))
end

local function sequence_of(id) return tonumber(redis.call('HGET', record_key(id), 'sequence')) or 0 end

local function no_part_line_key(line) return P .. 'no_part_line:' .. line end

-- Which notification has set a NoPart line last. A command that was kept by an earlier version
-- does not say what it sets.
local function has_set(id, command)
  local line = command.sets or ''
  if line == '' then return end
  local seconds = math.max(redis.call('TTL', ledger_key(command.key)), 1)
  redis.call('SET', no_part_line_key(line), sequence_of(id), 'EX', seconds)
end

-- A NoPart line is set to a sum: one that a later notification has set is not set back.
local function is_outdated(id, command)
  local line = command.sets or ''
  local last = line ~= '' and tonumber(redis.call('GET', no_part_line_key(line)) or nil)
  return last and last > sequence_of(id) or false
end

-- A command that ended is to be sent once more. What a replay says of alerts goes after doubt.
-- Returns whether it is to be: the sum of an outdated one is part of a later one.
local function plan_again(id, command, alerts, ms)
  local ledger = ledger_key(command.key)
  if is_outdated(id, command) then
    redis.call('HSET', ledger, 'status', 'done', 'at', ms)
    return false
  end
  if alerts ~= '' and redis.call('HGET', ledger, 'alerts') == 'doubt' then alerts = 'doubt' end
  redis.call('HSET', ledger, 'status', 'planned', 'planned_at', ms, 'alerts', alerts)
  redis.call('ZADD', lane_key(command.lane), sequence_of(id), member(id, command.index))
  return true
end

-- A command that waits for something that it cannot help; the wait does not count against it.
local function hold(key, till, ms)
  local ledger = ledger_key(key)
  redis.call('HSET', ledger, 'status', 'retry', 'next_at', till)
  redis.call('HINCRBY', ledger, 'planned_at', math.floor(till - ms))
end

-- Begin every command that is due, at the head of its lane, and let through by the breaker.
-- Whether alerts go out with one that was tried before is read with the claim: without one
-- (is_claimed), only those are begun that were not tried since. Who calls this pays for what began.
local function begin(id, commands, ms, is_claimed)
  local started = {}
  for _, command in ipairs(commands) do
    local entry = redis.call('HMGET', ledger_key(command.key),
      'status', 'next_at', 'notification', 'attempt')
    local due = entry[1] == 'planned'
      or (is_claimed and entry[1] == 'retry' and (tonumber(entry[2]) or 0) <= ms)
    if due and entry[3] == id and is_head(command.lane, id, command.index) then
      local till = gate(command.org, ms)
      if till > 0 then
        hold(command.key, till, ms)
      else
        local attempt = (tonumber(entry[4]) or 0) + 1
        intend(id, command, attempt, ms)
        started[#started + 1] = command.index
        started[#started + 1] = attempt
      end
    end
  end
  return started
end

-- The commands whose intent is written and whose outcome is not: {index, attempt, ...}.
local function being_sent(commands)
  local sending = {}
  for _, command in ipairs(commands) do
    local entry = redis.call('HMGET', ledger_key(command.key), 'status', 'attempt')
    if entry[1] == 'sending' then
      sending[#sending + 1] = command.index
      sending[#sending + 1] = tonumber(entry[2])
    end
  end
  return sending
end

-- The state of a notification is that of its worst part.
local function refresh(id, commands, has_held)
  local seen = {}
  for _, command in ipairs(commands) do
    seen[redis.call('HGET', ledger_key(command.key), 'status') or 'gone'] = true
  end
  local pending = seen.planned or seen.sending or seen.retry
  local state = 'ignored'
  if seen.in_doubt then state = 'in_doubt'
  elseif seen.dead then state = 'dead'
  elseif has_held then state = 'held'
  elseif pending then state = 'queued'
  elseif seen.done then state = 'delivered' end
  return state, pending, seen, move_state(id, state)
end

-- A final notification's raw body is kept for a while; one that waits for somebody, until then.
local function keep_raw(id, state, seconds)
  if state == 'delivered' or state == 'ignored' then
    redis.call('EXPIRE', P .. 'raw:' .. id, seconds)
  else
    redis.call('PERSIST', P .. 'raw:' .. id)
  end
end

-- What becomes of a job: while one of its commands is being sent it stays with its worker, and
-- else the lease ends. terms.raw_seconds and terms.failed_until say how long things are kept.
-- What a worker that is ending did not begin (ending) is for another one to look at.
local function rest(id, commands, has_held, terms, lease, ending)
  local state, pending, seen, todo = refresh(id, commands, has_held)
  if seen.sending then return state end
  if lease then redis.call('ZREM', WIP, lease) end
  if todo or (ending and seen.planned) then
    requeue(id)
    wake()
  elseif seen.retry then
    local soonest = math.huge
    for _, command in ipairs(commands) do
      local l = redis.call('HMGET', ledger_key(command.key), 'status', 'next_at')
      if l[1] == 'retry' then soonest = math.min(soonest, tonumber(l[2]) or 0) end
    end
    redis.call('HSET', job_key(id), 'status', 'scheduled')
    redis.call('ZADD', SCHEDULED, string.format('%.3f', soonest / 1000), id)
  elseif pending then
    redis.call('HSET', job_key(id), 'status', 'deferred')
    redis.call('ZADD', DEFERRED, redis.call('HGET', record_key(id), 'sequence') or 0, id)
  elseif state == 'dead' then
    redis.call('HSET', job_key(id), 'status', 'failed')
    redis.call('ZADD', FAILED, terms.failed_until, id)
  else
    redis.call('DEL', job_key(id))
    keep_raw(id, state, terms.raw_seconds)
  end
  return state
end

-- Notifications that waited for a reference go on, in the order in which they were accepted.
-- job.before and job.after are the bytes of an RQ job around the notification's id.
local function release(waiting, job)
  local found, ids = {}, {}
  for _, key in ipairs(waiting) do
    for _, id in ipairs(redis.call('ZRANGE', key, 0, -1)) do
      local sequence = redis.call('HGET', record_key(id), 'sequence')
      if sequence then found[#found + 1] = { id = id, sequence = tonumber(sequence) } end
    end
    redis.call('DEL', key)
  end
  table.sort(found, function(a, b) return a.sequence < b.sequence end)
  for _, entry in ipairs(found) do
    local id = entry.id
    if redis.call('HGET', record_key(id), 'has_held') == '1'
      and redis.call('HSETNX', record_key(id), 'todo', 'plan') == 1 then
      if redis.call('EXISTS', job_key(id)) == 0 then
        write_job(id, job)
        move_state(id, 'queued')
      end
      ids[#ids + 1] = id
    end
  end
  if #ids > 0 then wake() end
  return ids
end
