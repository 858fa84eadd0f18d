-- Write something, to see whether anything can be kept now.

redis.call('SET', P .. 'ready', now_ms(), 'PX', 60000)
return 'ready'
