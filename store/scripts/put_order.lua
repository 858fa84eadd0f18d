-- Put an order into the book, replace it, or take it out, with the references it is found by; what
-- waited for one of them goes on.
--
-- ARGV[1]: msgpack {order (its key), value ('' takes it out), listing, add = {lookup, ...},
--   remove = {lookup, ...}, version, expected (version of the order as it was read), learned
--   (version likewise), drop = {key, ...}, job}
-- Returns {'stale'} or {'put', ids that go on}.

local put = cmsgpack.unpack(ARGV[1])
local order = P .. 'order:' .. put.order
if redis.call('GETRANGE', order, 0, 7) ~= put.expected
  or redis.call('GETRANGE', P .. 'learned:' .. put.order, 0, 7) ~= put.learned then
  return { 'stale' }
end

local function change(lookup, adds)
  local key = P .. 'lookup:' .. lookup
  local value = redis.call('GET', key)
  local kept = {}
  if value then
    for _, known in ipairs(cmsgpack.unpack(string.sub(value, 9))) do
      if known ~= put.order then kept[#kept + 1] = known end
    end
  end
  if adds then kept[#kept + 1] = put.order end
  if #kept == 0 then
    redis.call('DEL', key)
  else
    table.sort(kept)
    redis.call('SET', key, put.version .. cmsgpack.pack(kept))
  end
end

for _, lookup in ipairs(put.remove) do change(lookup, false) end
for _, lookup in ipairs(put.add) do change(lookup, true) end
if put.value == '' then
  redis.call('DEL', order, P .. 'learned:' .. put.order)
  redis.call('ZREM', P .. 'orders', put.order)
  return { 'put' }
end
redis.call('SET', order, put.version .. put.value)
redis.call('ZADD', P .. 'orders', 0, put.order)
local waiting = {}
for _, lookup in ipairs(put.add) do waiting[#waiting + 1] = P .. 'waiting:' .. lookup end
return { 'put', release(waiting, put.job) }
