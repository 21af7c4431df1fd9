-- Drives the language server by Neovim's own client: what comes of it is printed as JSON.
local folder, root, deno = vim.env.CKPTLAB_FOLDER, vim.env.CKPTLAB_ROOT, vim.env.CKPTLAB_DENO
local found = {}
vim.cmd("edit " .. folder .. "/a.ckpt")
local client = vim.lsp.start_client({
  name = "ckptlab",
  cmd = { deno, "run", "--no-prompt", "--no-check", "--allow-read", "--allow-env", root .. "mod.ts", "lsp" },
  root_dir = folder,
})
vim.lsp.buf_attach_client(0, client)
vim.wait(60000, function() return #vim.diagnostic.get(0) > 0 end, 50)

local function at(line, column)
  vim.api.nvim_win_set_cursor(0, { line, column })
  return vim.lsp.util.make_position_params(0, "utf-16")
end

local function ask(method, params)
  for _, answer in pairs(vim.lsp.buf_request_sync(0, method, params, 60000) or {}) do
    return answer.result
  end
end

found.diagnostics = vim.tbl_map(function(one)
  return { line = one.lnum + 1, code = one.code, message = one.message }
end, vim.diagnostic.get(0))
found.completion = vim.tbl_map(function(one) return one.label end, ask("textDocument/completion", at(6, 12)))
found.hover = ask("textDocument/hover", at(5, 10)).contents.value
local rename = at(5, 15)
rename.newName = "worker"
vim.lsp.util.apply_workspace_edit(ask("textDocument/rename", rename), "utf-16")
local edits = ask("textDocument/formatting", {
  textDocument = vim.lsp.util.make_text_document_params(),
  options = { tabSize = 2, insertSpaces = true },
})
vim.lsp.util.apply_text_edits(edits, 0, "utf-16")
found.text = table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), "\n")
vim.lsp.stop_client(client)
vim.wait(10000, function() return vim.lsp.client_is_stopped(client) end, 50)
found.stopped = vim.lsp.client_is_stopped(client)
local file = io.open(folder .. "/found.json", "w")
file:write(vim.fn.json_encode(found))
file:close()
vim.cmd("qa!")
