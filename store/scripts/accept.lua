-- Make a batch of notifications durable: each is new, a duplicate, or a conflict with the first one
-- of the same delivery key. May be sent again after a lost reply: an id that is there is new still.
--
-- ARGV[1]: msgpack {job = {before, after, now, timeout}, items = {{id, source, delivery, digest,
--          seconds, raw, received_at, key, reference}, ...}, refused = {{source, evidence}, ...}}
-- Returns for each item {outcome, id of the first}.

local batch = cmsgpack.unpack(ARGV[1])
local answers = {}
local is_empty = redis.call('LLEN', QUEUE) == 0

-- By source, so that each count is written once for the whole batch.
local counts = {}

local function count(source, what)
  local own = counts[source] or {}
  counts[source] = own
  own[what] = (own[what] or 0) + 1
end

local function accept(item)
  local first = redis.call('GET', P .. 'delivery:' .. item.delivery)
  if first then
    local id, digest = string.match(first, '^(%S+) ?(.*)$')
    if id == item.id then return { 'new', id } end
    if digest ~= item.digest then return { 'conflict', id } end
    count(item.source, 'received')
    count(item.source, 'duplicate')
    return { 'duplicate', id }
  end
  local sequence = redis.call('INCR', P .. 'sequence')
  local id = item.id
  redis.call('SET', P .. 'delivery:' .. item.delivery, id .. ' ' .. item.digest, 'EX', item.seconds)
  redis.call('SET', P .. 'raw:' .. id, item.raw)
  redis.call('HSET', record_key(id), 'source', item.source, 'state', 'queued',
    'sequence', sequence, 'received_at', item.received_at, 'key', item.key)
  redis.call('ZADD', P .. 'index:' .. item.source .. ':queued', sequence, id)
  redis.call('ZADD', item.reference, sequence, id)
  count(item.source, 'received')
  count(item.source, 'accepted')
  write_job(id, batch.job)
  return { 'new', id }
end

for number, item in ipairs(batch.items) do answers[number] = accept(item) end

for _, refused in ipairs(batch.refused) do
  count(refused.source, 'received')
  count(refused.source, 'refused')
  local evidence = P .. 'refused:' .. refused.source
  redis.call('LPUSH', evidence, refused.evidence)
  redis.call('LTRIM', evidence, 0, 99)
end

local accepted = 0
for source, own in pairs(counts) do
  redis.call('SADD', P .. 'sources', source)
  for what, number in pairs(own) do
    redis.call('HINCRBY', P .. 'accounts:' .. source, what, number)
  end
  accepted = accepted + (own.accepted or 0)
end
tally('accepted', accepted, now_ms())

if #batch.items > 0 then
  redis.call('SADD', 'rq:queues', QUEUE)
  if is_empty then wake() end
end
return answers
