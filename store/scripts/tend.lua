-- What any worker does for all of them, on the server's time: scheduled jobs that are due, and jobs
-- whose worker is gone, go back to the front of the queue. Atomic, so that nobody has to lead.
--
-- ARGV[1]: msgpack {limit}
-- Returns {number due, number reaped}.

local terms = cmsgpack.unpack(ARGV[1])
local seconds = now_ms() / 1000
local due = redis.call('ZRANGEBYSCORE', SCHEDULED, '-inf', seconds, 'LIMIT', 0, terms.limit)
for _, id in ipairs(due) do
  redis.call('ZREM', SCHEDULED, id)
  if redis.call('EXISTS', job_key(id)) == 1 then requeue(id) end
end
local lapsed = redis.call('ZRANGEBYSCORE', WIP, '-inf', lease_end(now_ms()), 'LIMIT', 0, terms.limit)
for _, lease in ipairs(lapsed) do
  redis.call('ZREM', WIP, lease)
  local id = string.match(lease, '^(.-):')
  if id and redis.call('EXISTS', job_key(id)) == 1 then requeue(id) end
end
if #due + #lapsed > 0 then wake() end
return { #due, #lapsed }
