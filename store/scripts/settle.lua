-- Write down what became of calls, and begin what they held up.
--
-- ARGV[1]: msgpack {worker, now, terms, items}. An item: {id, mark, index, key, lane, attempt, verb (done,
--   dead, in_doubt, retry), next_at,
--   doubtful, unspent, cofactr_id, org, health, why, entry (of the attempts), timeline, commands,
--   has_held, ending}; `commands` are all of the notification: {index, key, lane, org}.
-- Returns for each item {'fenced'} or {'settled', state, {index, attempt, ...}}.

local batch = cmsgpack.unpack(ARGV[1])
local ms = now_ms()

-- The requests that follow, which are taken from the allowance at the end.
local begun = 0

local function settle(item)
  local id, ledger = item.id, ledger_key(item.key)
  local lease = id .. ':' .. batch.worker
  local entry = redis.call('HMGET', ledger, 'status', 'attempt', 'settled')
  if entry[3] == item.mark then
    -- Sent again after a lost reply: the same answer once more.
    return { 'settled', redis.call('HGET', record_key(id), 'state') or '', being_sent(item.commands) }
  end
  redis.call('RPUSH', P .. 'attempts:' .. id, item.entry)
  if entry[1] ~= 'sending' or tonumber(entry[2]) ~= item.attempt then return { 'fenced' } end
  local status = item.verb
  redis.call('HSET', ledger, 'status', status, 'at', ms, 'settled', item.mark,
    'cofactr_id', item.cofactr_id)
  if status == 'retry' then
    redis.call('HSET', ledger, 'next_at', item.next_at)
    if item.unspent then hold(item.key, item.next_at, ms) end
    if item.doubtful then redis.call('HSET', ledger, 'alerts', 'doubt') end
    -- Back to its place; what was given back meanwhile may stand before it.
    local sequence = redis.call('HGET', record_key(id), 'sequence')
    redis.call('ZADD', lane_key(item.lane), 'XX', sequence or 0, member(id, item.index))
    wake_lane(item.lane, id)
  else
    leave_lane(item.lane, id, item.index)
  end
  if status == 'done' then has_set(id, item) end
  note(id, item.timeline)
  tell_breaker(item.org, item.health, item.why, ms)
  if not redis.call('ZSCORE', WIP, lease) then
    -- The lease lapsed, and the job is back in the queue: who takes it up finds the outcome.
    return { 'settled', redis.call('HGET', record_key(id), 'state') or '', {} }
  end
  -- One that is to be tried again waits for its time; what stands behind it in the lane waits too.
  local others = {}
  for _, command in ipairs(item.commands) do
    if command.index ~= item.index then others[#others + 1] = command end
  end
  -- A worker that is ending begins none of them.
  local started = item.ending and {} or begin(id, others, ms, false)
  begun = begun + #started / 2
  local state = rest(id, item.commands, item.has_held, batch.terms, lease, item.ending)
  return { 'settled', state, started }
end

local answers, sent = {}, 0
for number, item in ipairs(batch.items) do
  answers[number] = settle(item)
  if answers[number][1] == 'settled' and item.verb == 'done' then sent = sent + 1 end
end
spend(begun, batch.terms.rate, ms)
tally('sent', sent, ms)
return answers
