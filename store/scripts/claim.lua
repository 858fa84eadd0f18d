-- Look at the head of the queue, as the only worker that decides at this time. Nothing is taken off
-- the queue: a worker that dies while it decides leaves everything where it was.
--
-- ARGV[1]: msgpack {token, token_ms, limit, bytes, rate (requests a second), most (in flight)}
-- Returns {'paused'}, {'busy'}, {'empty'}, {'throttled', milliseconds}, or {'claimed', {id, data, state, sequence, decision,
-- todo, raw, {status, attempt, ...}}, ...}.

local terms = cmsgpack.unpack(ARGV[1])
if redis.call('EXISTS', P .. 'paused') == 1 or redis.call('EXISTS', 'rq:suspended') == 1 then
  return { 'paused' }
end
local limit = math.min(terms.limit, terms.most - redis.call('ZCARD', WIP))
local allowed = allowance(terms.rate, now_ms())
if allowed < 1 then return { 'throttled', math.ceil((1 - allowed) / terms.rate * 1000) } end
limit = math.min(limit, math.floor(allowed))
if limit < 1 then return { 'throttled', 5 } end
local decider = P .. 'decider'
if not redis.call('SET', decider, terms.token, 'NX', 'PX', terms.token_ms) then
  return { 'busy' }
end

-- A name that RQ's tools could not read would stop whoever reads it: it goes on under another one.
local function readable(id)
  if not string.find(id, '[^%w_-]') and id ~= '' then return id end
  local name = 'unreadable-' .. redis.sha1hex(id)
  redis.call('LREM', QUEUE, 1, id)
  redis.call('LPUSH', QUEUE, name)
  redis.call('HSET', job_key(name), 'data', id, 'origin', QUEUE_NAME, 'status', 'queued')
  return name
end

local answer, size = { 'claimed' }, 0
for _, listed in ipairs(redis.call('LRANGE', QUEUE, 0, limit - 1)) do
  local id = readable(listed)
  local data = redis.call('HGET', job_key(id), 'data')
  local record = redis.call('HMGET', record_key(id), 'state', 'sequence', 'decision', 'todo', 'commands')
  local raw, statuses = false, {}
  if record[1] and (not record[3] or record[4]) then raw = redis.call('GET', P .. 'raw:' .. id) end
  if record[5] then
    for _, command in ipairs(cmsgpack.unpack(record[5])) do
      local entry = redis.call('HMGET', ledger_key(command.key),
        'status', 'attempt', 'notification', 'alerts', 'planned_at')
      statuses[#statuses + 1] = {
        entry[1] or 'gone', entry[2] or '0', entry[3] or '', entry[4] or '', entry[5] or '0' }
    end
  end
  answer[#answer + 1] = {
    id, data or '', record[1] or '', record[2] or '0', record[3] or '', record[4] or '',
    raw or '', statuses }
  size = size + (raw and #raw or 0)
  if size > terms.bytes then break end
end
if #answer == 1 then
  redis.call('DEL', decider)
  return { 'empty' }
end
return answer
