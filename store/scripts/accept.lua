-- Make a batch of notifications durable: each is new, a duplicate, or a conflict with the first one
-- of the same delivery key. May be sent again after a lost reply: an id that is there is new still.
--
-- ARGV[1]: msgpack {job = {before, after, now, timeout}, items = {{id, source, delivery, digest,
--          seconds, raw, received_at, key, reference}, ...}, refused = {{source, evidence}, ...}}
-- Returns for each item {outcome, id of the first}.

local batch = cmsgpack.unpack(ARGV[1])
local answers = {}
local is_empty = redis.call('LLEN', QUEUE) == 0

local function accept(item)
  local counts = P .. 'accounts:' .. item.source
  local first = redis.call('GET', P .. 'delivery:' .. item.delivery)
  if first then
    local id, digest = string.match(first, '^(%S+) ?(.*)$')
    if id == item.id then return { 'new', id } end
    if digest ~= item.digest then return { 'conflict', id } end
    redis.call('HINCRBY', counts, 'received', 1)
    redis.call('HINCRBY', counts, 'duplicate', 1)
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
  redis.call('SADD', P .. 'sources', item.source)
  redis.call('HINCRBY', counts, 'received', 1)
  redis.call('HINCRBY', counts, 'accepted', 1)
  write_job(id, batch.job)
  return { 'new', id }
end

local accepted = 0
for number, item in ipairs(batch.items) do
  answers[number] = accept(item)
  if answers[number][1] == 'new' then accepted = accepted + 1 end
end
tally('accepted', accepted, now_ms())

for _, refused in ipairs(batch.refused) do
  local counts = P .. 'accounts:' .. refused.source
  redis.call('SADD', P .. 'sources', refused.source)
  redis.call('HINCRBY', counts, 'received', 1)
  redis.call('HINCRBY', counts, 'refused', 1)
  local evidence = P .. 'refused:' .. refused.source
  redis.call('LPUSH', evidence, refused.evidence)
  redis.call('LTRIM', evidence, 0, 99)
end

if #batch.items > 0 then
  redis.call('SADD', 'rq:queues', QUEUE)
  if is_empty then wake() end
end
return answers
