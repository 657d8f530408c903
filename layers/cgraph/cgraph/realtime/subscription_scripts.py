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
local version, of_members, own = ARGV[6], ARGV[7], redis.call('HGET', subscribers, ARGV[2])
if not own or version ~= (redis.call('HGET', hidden, 'version') or '') then return false end
local user, present, blocks = user_of(own), {}, {}
local entries = redis.call('HGETALL', subscribers)
for field = 1, #entries, 2 do
  local expires = math.abs(tonumber(string.match(entries[field + 1], ' (%-?%d+) ')))
  present[user_of(entries[field + 1])] = true
  if expires < now - 60 then redis.call('HDEL', subscribers, entries[field]) end
end
for block = 8, #ARGV do
  local blocker, blocked = string.match(ARGV[block], '(%S+) (%S+)')
  if of_members == '1' or present[blocker == user and blocked or blocker] then
    blocks[ARGV[block]] = true
    redis.call('HSET', hidden, ARGV[block], 1)
  end
end
for _, block in ipairs(redis.call('HKEYS', hidden)) do
  local blocker, blocked = string.match(block, '(%S+) (%S+)')
  if (blocker == user or blocked == user) and not blocks[block] then
    redis.call('HDEL', hidden, block)
  end
end
redis.call('EXPIRE', hidden, lease + 60)
redis.call('HSET', subscribers, connection, user .. ' ' .. (now + lease) .. ' ' .. status)
redis.call('EXPIRE', subscribers, lease + 60)
if count > 0 then redis.call('SET', members, count, 'EX', lease + 60)
else redis.call('DEL', members) end
local answer = {'buffered'}
if not is_live(own) then answer = buffer({'p:' .. user, ''}, -1, 2) end
return {answer, redis.call('HGETALL', subscribers), redis.call('HKEYS', hidden)}
"""
)
"""Of a stream: makes a reservation a subscription, unless it was removed meanwhile, or a block has
begun or ended meanwhile. Stores the blocks of the user: those with members of a conversation, since
they have receipts without a subscription; in other streams those with other subscribers.
"""

END = Script(
    PRELUDE
    + """
local connection, user, removed, gone = ARGV[2], ARGV[3], nil, nil
local others, updates = {}, {}
local entries = redis.call('HGETALL', subscribers)
for field = 1, #entries, 2 do
  local entry = entries[field + 1]
  if entries[field] == connection or user_of(entry) == user then
    redis.call('HDEL', subscribers, entries[field])
    removed = user_of(entry)
    if is_live(entry) then gone = removed end
  else
    others[user_of(entry)] = true
  end
end
if not removed then return {'buffered'} end
local was_typing = not others[removed]
  or redis.call('HGET', typing, 'by:' .. removed) == connection
local stopped = was_typing and end_typing(removed)
if stopped then updates = {'t:' .. removed, '0'} end
if gone then
  table.insert(updates, 'p:' .. gone)
  table.insert(updates, '')
end
if #updates == 0 then return {'buffered'} end
return buffer(updates, stopped and 2^53 or -1, 1)
"""
)
"""Of a stream: ends the subscription of one connection, or those of one user. The user's typing
ends with the socket that they typed in, or with their last one.
"""

SET_TYPING = Script(
    PRELUDE
    + """
local connection, typed_at = ARGV[2], tonumber(ARGV[4])
local entry = redis.call('HGET', subscribers, connection)
if not entry or not is_live(entry) then return false end
local user = user_of(entry)
if ARGV[3] == '0' then
  return end_typing(user) and buffer({'t:' .. user, '0'}, 2^53, 2) or {'buffered'}
end
if typed_at <= tonumber(redis.call('HGET', typing, 'sent:' .. user) or 0) then
  return {'buffered'}
end
redis.call('HSET', typing, 'by:' .. user, connection)
redis.call('EXPIRE', typing, KEPT_SECONDS)
return buffer({'t:' .. user, '1'}, 2^53, 2)
"""
)
"""Of a stream. Frames of one socket are handled concurrently: a frame that API Gateway received
before the user's last message changes nothing.
"""

END_TYPING = Script(
    """
local subscribers, typing, buffered, user = KEYS[1], KEYS[2], KEYS[3], ARGV[1]
if redis.call('EXISTS', subscribers) == 0 then return false end
redis.call('HDEL', buffered, 't:' .. user)
redis.call('HDEL', typing, 'told:' .. user, 'by:' .. user)
redis.call('HSET', typing, 'sent:' .. user, ARGV[2])
redis.call('EXPIRE', typing, 60)
return false
"""
)
"""Of a stream: the user has sent a message, with which clients end the indicator themselves. It
runs with each message, and PRELUDE, of which it needs little, took most of its time.
"""

SET_BLOCK = Script(
    PRELUDE
    + """
local blocker, blocked, is_blocked = ARGV[2], ARGV[3], tonumber(ARGV[4])
local block, reverse = blocker .. ' ' .. blocked, blocked .. ' ' .. blocker
local was_blocked, present = redis.call('HEXISTS', hidden, block), {}
redis.call('HINCRBY', hidden, 'version', 1)
redis.call('EXPIRE', hidden, ARGV[5])
if is_blocked == 1 then redis.call('HSET', hidden, block, 1)
else redis.call('HDEL', hidden, block) end
if was_blocked == is_blocked or redis.call('HEXISTS', hidden, reverse) == 1 then
  return {'buffered'}
end
for _, entry in ipairs(redis.call('HVALS', subscribers)) do
  if is_live(entry) then present[user_of(entry)] = true end
end
if not (present[blocker] and present[blocked]) then return {'buffered'} end
return buffer({'h:' .. block, ''}, 2^53, 2)
"""
)
"""Of a stream: a block begins or ends. Where both users are present, each learns that the other
went or came.
"""

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
