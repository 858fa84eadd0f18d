-- Write decisions down and begin what can begin, each all or nothing, in the order of the queue.
--
-- ARGV[1]: msgpack {token, worker, lease_ms, now, terms = {raw_seconds,
--   failed_until, ledger_seconds, rate},
--   job, items}. An item: {id, reads = {{key, version}}, writes = {{key, value}}, record = {field,
--   value, ...}, references = {key, ...}, waits = {key, ...}, wakes = {key, ...}, timeline = {entry},
--   commands = {{index, key, lane, org, verb}}, has_held, is_new, replanned,
--   set_aside}; `commands` are all of the
--   notification.
--   A command's verb: new (claim the ledger's entry), resume, resend (after doubt),
--   replay (after it was dead) or park.
-- Returns for each item {'stale'}, {'taken', key, id of the first, ...}, {'gone'}, {'fenced'} or
-- {'applied', state, {index, attempt, ...}}: the commands whose intent is written.

local batch = cmsgpack.unpack(ARGV[1])
local ms = now_ms()
local DECIDER = P .. 'decider'
local is_decider = redis.call('GET', DECIDER) == batch.token
local SHIPMENT = P .. 'shipment:'
-- The requests that go out, which are taken from the allowance at the end.
local begun = 0

-- What is decided is the first one nearly always.
local function off_the_queue(id)
  local first = redis.call('LPOP', QUEUE)
  if first == id then return true end
  if first then redis.call('LPUSH', QUEUE, first) end
  return redis.call('LREM', QUEUE, 1, id) == 1
end

-- A job that was taken away, or that is listed twice and being worked on already.
local function is_elsewhere(id)
  local job = redis.call('HMGET', job_key(id), 'origin', 'worker_name', 'round')
  if not job[1] then return true end
  return job[2] and redis.call('ZSCORE', WIP, id .. ':' .. job[2]), job[2], job[3]
end

local function is_stale(item)
  for _, read in ipairs(item.reads) do
    if redis.call('GETRANGE', read[1], 0, 7) ~= read[2] then return true end
  end
  return false
end

-- A command that another notification made, and that was not given up, is not made again. What a
-- verb rests on may have ended since it was looked at: each command is given its status of now.
local function taken(item)
  local answer = { 'taken' }
  for _, command in ipairs(item.commands) do
    local entry = redis.call('HMGET', ledger_key(command.key), 'status', 'notification')
    local status = entry[1]
    command.status = status
    if command.verb == 'new' and status and status ~= 'dead' and status ~= 'discarded'
      and entry[2] ~= item.id then
      answer[#answer + 1] = command.key
      answer[#answer + 1] = entry[2]
    end
  end
  return #answer > 1 and answer or nil
end

-- The lanes of what stays in the queue to be decided again. What stands behind it in one of them
-- would overtake it, and stays as well.
local kept_lanes = {}

local function is_behind(item)
  for _, command in ipairs(item.commands) do
    if kept_lanes[command.lane] then return true end
  end
  return false
end

local function keep(item, answer)
  for _, command in ipairs(item.commands) do kept_lanes[command.lane] = true end
  return answer
end

local function write(item, sequence, todo)
  local id = item.id
  for _, pair in ipairs(item.writes) do
    -- A shipment is forgotten when the ledger is; what belongs to an order goes with the order.
    if string.sub(pair[1], 1, #SHIPMENT) == SHIPMENT then
      redis.call('SET', pair[1], pair[2], 'EX', batch.terms.ledger_seconds)
    else
      redis.call('SET', pair[1], pair[2])
    end
  end
  if #item.record > 0 then redis.call('HSET', record_key(id), unpack(item.record)) end
  if todo and item.replanned then redis.call('HDEL', record_key(id), 'todo') end
  for _, key in ipairs(item.references) do redis.call('ZADD', key, sequence, id) end
  for _, key in ipairs(item.waits) do redis.call('ZADD', key, sequence, id) end
  note(id, item.timeline)
end

local function enter(item, command, sequence)
  local ledger, status = ledger_key(command.key), command.status
  if command.verb == 'new' then
    if status then redis.call('DEL', ledger) end
    redis.call('HSET', ledger, 'status', 'planned', 'notification', item.id,
      'index', command.index, 'at', ms, 'planned_at', ms)
    redis.call('EXPIRE', ledger, batch.terms.ledger_seconds)
    redis.call('ZADD', lane_key(command.lane), sequence, member(item.id, command.index))
  elseif command.verb == 'resend' and status == 'sending' then
    redis.call('HSET', ledger, 'status', 'retry', 'next_at', ms, 'alerts', 'doubt')
  elseif command.verb == 'replay' and status == 'dead' then
    plan_again(item.id, command, 'off', ms)
  elseif command.verb == 'park' and status == 'sending' then
    redis.call('HSET', ledger, 'status', 'in_doubt', 'at', ms)
    leave_lane(command.lane, item.id, command.index)
  end
end

local function apply(item)
  local id = item.id
  local elsewhere, worker, round = is_elsewhere(id)
  if elsewhere then
    off_the_queue(id)
    -- In another round of our own it is only listed twice: its call may have ended by now.
    if worker ~= batch.worker or round ~= batch.token then return { 'gone' } end
    -- The same round, sent again after a lost reply: the same answer once more.
    return { 'applied', redis.call('HGET', record_key(id), 'state') or 'queued', being_sent(item.commands) }
  end
  if not is_decider then return { 'fenced' } end
  if is_behind(item) or is_stale(item) then return keep(item, { 'stale' }) end
  local first = taken(item)
  if first then return keep(item, first) end
  if not off_the_queue(id) then return { 'gone' } end
  if item.set_aside then
    redis.call('HSET', job_key(id), 'status', 'failed', 'exc_info', item.set_aside, 'origin', QUEUE_NAME)
    redis.call('ZADD', FAILED, batch.terms.failed_until, id)
    if redis.call('EXISTS', record_key(id)) == 1 then
      note(id, item.timeline)
      move_state(id, 'dead')
    end
    return { 'applied', 'dead', {} }
  end
  local record = redis.call('HMGET', record_key(id), 'sequence', 'todo')
  local sequence = tonumber(record[1]) or 0
  write(item, sequence, record[2])
  for _, command in ipairs(item.commands) do enter(item, command, sequence) end
  local started = begin(id, item.commands, ms, true)
  begun = begun + #started / 2
  local state
  if #started > 0 then
    -- What is all new is queued, as it was.
    state = item.is_new and 'queued' or refresh(id, item.commands, item.has_held)
    redis.call('HSET', job_key(id), 'status', 'started', 'worker_name', batch.worker, 'round', batch.token,
      'started_at', batch.now, 'last_heartbeat', batch.now)
    redis.call('ZADD', WIP, lease_end(ms + batch.lease_ms), id .. ':' .. batch.worker)
  else
    state = rest(id, item.commands, item.has_held, batch.terms)
  end
  release(item.wakes, batch.job)
  return { 'applied', state, started }
end

local answers = {}
for number, item in ipairs(batch.items) do answers[number] = apply(item) end
spend(begun, batch.terms.rate, ms)
if is_decider then redis.call('DEL', DECIDER) end
if redis.call('LLEN', QUEUE) > 0 then wake() end
return answers
