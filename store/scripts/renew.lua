-- Renew the leases of jobs that a worker still holds; one that was reaped is not taken back.
--
-- ARGV[1]: msgpack {worker, lease_ms, ids}
-- Returns the ids whose lease was lost.

local terms = cmsgpack.unpack(ARGV[1])
local till, lost = lease_end(now_ms() + terms.lease_ms), {}
for _, id in ipairs(terms.ids) do
  local lease = id .. ':' .. terms.worker
  if redis.call('ZSCORE', WIP, lease) then
    redis.call('ZADD', WIP, 'XX', till, lease)
  else
    lost[#lost + 1] = id
  end
end
return lost
