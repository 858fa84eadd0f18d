-- What any worker does for all of them, on the server's time: scheduled jobs that are due, and jobs
-- whose worker is gone, go back to the front of the queue. Atomic, so that nobody has to lead.
--
-- ARGV[1]: msgpack {limit, lease_ms}
-- Returns {number due, number reaped}.

local terms = cmsgpack.unpack(ARGV[1])
local ms = now_ms()
local seconds = ms / 1000
-- Some worker looks every quarter of a second. A lease that lapsed before that lapsed unseen, while
-- Redis was away or nobody worked: who still lives gets the time to renew it and to say what its
-- calls came to.
local UNSEEN_MS = 500
local due = redis.call('ZRANGEBYSCORE', SCHEDULED, '-inf', seconds, 'LIMIT', 0, terms.limit)
for _, id in ipairs(due) do
  redis.call('ZREM', SCHEDULED, id)
  if redis.call('EXISTS', job_key(id)) == 1 then requeue(id) end
end
local lapsed = redis.call('ZRANGEBYSCORE', WIP, '-inf', lease_end(ms), 'WITHSCORES', 'LIMIT', 0, terms.limit)
local reaped = 0
for number = 1, #lapsed, 2 do
  local lease, ended = lapsed[number], tonumber(lapsed[number + 1])
  if ended < lease_end(ms - UNSEEN_MS) then
    redis.call('ZADD', WIP, lease_end(ms + terms.lease_ms), lease)
  else
    redis.call('ZREM', WIP, lease)
    local id = string.match(lease, '^(.-):')
    if id and redis.call('EXISTS', job_key(id)) == 1 then requeue(id) end
    reaped = reaped + 1
  end
end
if #due + reaped > 0 then wake() end
return { #due, reaped }
