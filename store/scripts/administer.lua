-- What a person decides about a notification.
--
-- ARGV[1]: msgpack {id, verb (replay, discard, sent, not_sent), send_alerts, timeline, outdated (what the
--   timeline says of a command that is not sent again), job, terms}
-- Returns {'unknown'}, {'busy'}, {'wrong', state} or {'changed', state}.

local order = cmsgpack.unpack(ARGV[1])
local id, ms = order.id, now_ms()
local record = record_key(id)
local known = redis.call('HMGET', record, 'state', 'commands', 'reasons')
if not known[1] then return { 'unknown' } end
local state = known[1]
local commands = known[2] and cmsgpack.unpack(known[2]) or {}

local function status_of(command)
  local entry = redis.call('HMGET', ledger_key(command.key), 'status', 'notification')
  return entry[2] == id and entry[1] or 'gone'
end

local function back_in_line(command, alerts)
  if not plan_again(id, command, alerts, ms) then
    redis.call('RPUSH', P .. 'timeline:' .. id, order.outdated)
  end
end

local function enqueue()
  redis.call('ZREM', FAILED, id)
  redis.call('ZREM', SCHEDULED, id)
  redis.call('ZREM', DEFERRED, id)
  if redis.call('EXISTS', job_key(id)) == 1 then
    redis.call('LREM', QUEUE, 0, id)
    redis.call('DEL', job_key(id))
  end
  write_job(id, order.job)
  redis.call('PERSIST', P .. 'raw:' .. id)
  wake()
end

for _, command in ipairs(commands) do
  if status_of(command) == 'sending' then return { 'busy' } end
end

local function is_in_doubt()
  for _, command in ipairs(commands) do
    if status_of(command) == 'in_doubt' then return true end
  end
  return false
end

local function replay()
  -- Discarding it does not say what became of the call.
  if is_in_doubt() then return { 'wrong', 'in_doubt' } end
  for _, command in ipairs(commands) do
    local status = status_of(command)
    if status == 'dead' or status == 'discarded' then
      back_in_line(command, order.send_alerts and 'on' or 'off')
    end
  end
  redis.call('SREM', WITHDRAWN, id)
  redis.call('HSET', record, 'todo', order.send_alerts and 'replay_with_alerts' or 'replay')
  enqueue()
end

local function discard()
  if state == 'delivered' or state == 'ignored' then return { 'wrong', state } end
  -- Of what was never sent nothing counts, such as the sums of an invoice.
  local was_sent = #commands == 0
  for _, command in ipairs(commands) do
    local status = status_of(command)
    was_sent = was_sent or status == 'done' or status == 'in_doubt'
    if status ~= 'done' and status ~= 'gone' and status ~= 'in_doubt' then
      redis.call('HSET', ledger_key(command.key), 'status', 'discarded', 'at', ms)
      leave_lane(command.lane, id, command.index)
    end
  end
  if not was_sent then redis.call('SADD', WITHDRAWN, id) end
  local reasons = known[3] and known[3] ~= '' and known[3] .. ',discarded' or 'discarded'
  redis.call('HSET', record, 'has_held', '0', 'reasons', reasons, 'discarded', '1')
  redis.call('HDEL', record, 'todo')
  for _, registry in ipairs({ FAILED, SCHEDULED, DEFERRED }) do redis.call('ZREM', registry, id) end
  redis.call('LREM', QUEUE, 0, id)
  redis.call('DEL', job_key(id))
  -- What was sent of it was sent; the whole counts as dealt with.
  move_state(id, 'ignored')
  redis.call('EXPIRE', P .. 'raw:' .. id, order.terms.raw_seconds)
end

local function resolve(was_sent)
  if not is_in_doubt() then return { 'wrong', state } end
  for _, command in ipairs(commands) do
    if status_of(command) == 'in_doubt' then
      if was_sent then
        redis.call('HSET', ledger_key(command.key), 'status', 'done', 'at', ms)
      else
        -- Whoever says that nothing was sent takes the doubt away.
        back_in_line(command, '')
      end
    end
  end
  enqueue()
end

local refusal
if order.verb == 'replay' then refusal = replay()
elseif order.verb == 'discard' then refusal = discard()
else refusal = resolve(order.verb == 'sent') end
if refusal then return refusal end
redis.call('RPUSH', P .. 'timeline:' .. id, order.timeline)
if order.verb ~= 'discard' then move_state(id, 'queued') end
return { 'changed', redis.call('HGET', record, 'state') }
