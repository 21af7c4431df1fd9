-- A little of what scripts do: tables, strings, closures, numbers of both kinds. The argument says
-- how often.
local rounds = tonumber(arg[1]) or 1

local seed = 1
local function random(below)
  seed = (seed * 1103515245 + 12345) & 0x7fffffff
  return seed % below
end

local function queens(n)
  local found, columns, up, down = 0, {}, {}, {}
  local function place(row)
    if row > n then
      found = found + 1
      return
    end
    for column = 1, n do
      if not (columns[column] or up[row + column] or down[row - column]) then
        columns[column], up[row + column], down[row - column] = true, true, true
        place(row + 1)
        columns[column], up[row + column], down[row - column] = nil, nil, nil
      end
    end
  end
  place(1)
  return found
end

local function sorted(count)
  local values = {}
  for i = 1, count do values[i] = random(1000000) end
  table.sort(values, function(a, b) return a > b end)
  return values[1] - values[count]
end

local function words(count)
  local seen, parts = {}, {}
  for i = 1, count do
    local word = string.format("w%03d", random(500))
    seen[word] = (seen[word] or 0) + 1
    parts[#parts + 1] = word:upper():reverse()
  end
  local text, hits = table.concat(parts, " "), 0
  for word in text:gmatch("%d%dW?") do hits = hits + #word end
  return hits
end

local function orbit(steps)
  local x, y, vx, vy = 1.0, 0.0, 0.0, 1.0
  for _ = 1, steps do
    local r = (x * x + y * y) ^ 1.5
    vx, vy = vx - x / r * 0.001, vy - y / r * 0.001
    x, y = x + vx * 0.001, y + vy * 0.001
  end
  return string.format("%.9f %.9f", x, y)
end

for round = 1, rounds do
  print(round, queens(7), sorted(4000), words(4000), orbit(8000))
end
