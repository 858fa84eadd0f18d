-- Forget the oldest notifications that are over and older than records are kept. What waits for
-- somebody is never forgotten.
--
-- ARGV[1]: msgpack {source, state, before (a time as records have it), limit}
-- Returns how many were forgotten.

local terms = cmsgpack.unpack(ARGV[1])
local index = P .. 'index:' .. terms.source .. ':' .. terms.state
local forgotten = 0
for _, id in ipairs(redis.call('ZRANGE', index, 0, terms.limit - 1)) do
  local record = redis.call('HMGET', record_key(id), 'received_at', 'references')
  if record[1] and record[1] >= terms.before then break end
  if record[2] then
    for _, reference in ipairs(cmsgpack.unpack(record[2])) do redis.call('ZREM', reference, id) end
  end
  redis.call('DEL', record_key(id), P .. 'raw:' .. id, P .. 'timeline:' .. id, P .. 'attempts:' .. id)
  redis.call('ZREM', index, id)
  redis.call('SREM', WITHDRAWN, id)
  redis.call('HINCRBY', P .. 'accounts:' .. terms.source, 'forgotten_' .. terms.state, 1)
  forgotten = forgotten + 1
end
return forgotten
