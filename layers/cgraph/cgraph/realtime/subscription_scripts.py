"""The Lua scripts of subscriptions. Each touches keys of one slot: a socket's, or a stream's."""

from cgraph.core.cache import Script
from cgraph.realtime.coalescing import PRELUDE

RESERVE = Script(
    """
local now, count, known = tonumber(redis.call('TIME')[1]), #ARGV - 2, {}
local socket = redis.call('HGETALL', KEYS[1])
if #socket == 0 then return false end
local status = redis.call('HGET', KEYS[1], 'status') or 'online'
for field = 1, #socket, 2 do
  if string.find(socket[field], ':') then
    if tonumber(socket[field + 1]) > now then
      known[socket[field]] = true
      count = count + 1
    else
      redis.call('HDEL', KEYS[1], socket[field])
    end
  end
end
for stream = 3, #ARGV do
  if known[ARGV[stream]] then count = count - 1 end
end
if count > tonumber(ARGV[1]) then return {count} end
for stream = 3, #ARGV do
  redis.call('HSET', KEYS[1], ARGV[stream], now + tonumber(ARGV[2]))
end
return {count, status}
"""
)
"""Of a socket: stores the lease of each stream, unless these are more than it may have."""

CONFIRM = Script(
    PRELUDE
    + """
local connection, lease, status, count = ARGV[2], tonumber(ARGV[3]), ARGV[4], tonumber(ARGV[5])
local own = redis.call('HGET', subscribers, connection)
if not own then return false end
local entries = redis.call('HGETALL', subscribers)
for field = 1, #entries, 2 do
  local expires = math.abs(tonumber(string.match(entries[field + 1], ' (%-?%d+) ')))
  if expires < now - 60 then redis.call('HDEL', subscribers, entries[field]) end
end
local entry = user_of(own) .. ' ' .. (now + lease) .. ' ' .. status
redis.call('HSET', subscribers, connection, entry)
redis.call('EXPIRE', subscribers, lease + 60)
if count > 0 then redis.call('SET', members, count, 'EX', lease + 60)
else redis.call('DEL', members) end
local answer = {'buffered'}
if not is_live(own) then answer = buffer({'p:' .. user_of(own), ''}, -1, 2) end
return {answer, redis.call('HGETALL', subscribers)}
"""
)
"""Of a stream: makes a reservation a subscription, unless it was removed meanwhile."""

END = Script(
    PRELUDE
    + """
local connection, user, gone = ARGV[2], ARGV[3], nil
local entries = redis.call('HGETALL', subscribers)
for field = 1, #entries, 2 do
  local entry = entries[field + 1]
  if entries[field] == connection or user_of(entry) == user then
    redis.call('HDEL', subscribers, entries[field])
    redis.call('HDEL', buffered, 't:' .. user_of(entry))
    if is_live(entry) then gone = user_of(entry) end
  end
end
if not gone then return {'buffered'} end
return buffer({'p:' .. gone, ''}, -1, 1)
"""
)
"""Of a stream: ends the subscription of one connection, or those of one user."""

SET_TYPING = Script(
    PRELUDE
    + """
local entry = redis.call('HGET', subscribers, ARGV[2])
if not entry or not is_live(entry) then return false end
return buffer({'t:' .. user_of(entry), ARGV[3]}, 2^53, 2)
"""
)

SET_STATUS = Script(
    PRELUDE
    + """
local entry = redis.call('HGET', subscribers, ARGV[2])
if not entry or not is_live(entry) then return {'buffered'} end
local changed = string.gsub(entry, '%S+$', ARGV[3])
if changed == entry then return {'buffered'} end
redis.call('HSET', subscribers, ARGV[2], changed)
return buffer({'p:' .. user_of(entry), ''}, -1, 2)
"""
)

STORE_STATUS = Script(
    """
local socket = redis.call('HGETALL', KEYS[1])
if #socket > 0 then redis.call('HSET', KEYS[1], 'status', ARGV[1]) end
return socket
"""
)
"""Of a socket."""
