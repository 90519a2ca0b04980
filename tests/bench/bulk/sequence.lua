-- Sends the requests of a file, `METHOD PATH BODY` a line, once. Lines of one token stand in groups of three; a group
-- stays with one thread. Writes the moments of the first request and of the last answer, which wrk does not tell.
local ffi = require("ffi")
ffi.cdef [[ typedef struct { long sec; long usec; } moment; int gettimeofday(moment *at, void *zone); ]]

local threads = 0
function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

local function now()
  local at = ffi.new("moment")
  ffi.C.gettimeofday(at, nil)
  return tonumber(at.sec) + tonumber(at.usec) / 1e6
end

local made, sent, answered, done, began = {}, 0, 0, 0, nil

function init(args)
  local file, all, place = args[1], tonumber(args[2]), 0
  out = args[3] .. "." .. number
  for line in io.lines(file) do
    local method, path, body = line:match("^(%S+) (%S+) ?(.*)$")
    if math.floor(place / 3) % all == number then
      table.insert(made, wrk.format(method, path, wrk.headers, body ~= "" and body or nil))
    end
    place = place + 1
  end
end

function request()
  began = began or now()
  sent = math.min(sent + 1, #made)
  return made[sent]
end

function response(status)
  answered = answered + 1
  if status < 300 then done = done + 1 end
  if answered == #made then
    local file = io.open(out .. ".new", "w")
    file:write(string.format("%.6f %.6f %d %d\n", began, now(), answered, done))
    file:close()
    os.rename(out .. ".new", out)
    wrk.thread:stop()
  end
end
