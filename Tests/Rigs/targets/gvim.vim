" A buffer whose text is written to $TARGET_FILE whenever it has changed; a byte in $TARGET_FILE.clear empties it.
set nocompatible encoding=utf-8 noautoindent noexpandtab textwidth=0 noswapfile title
let &titlestring = $TARGET_TITLE

function! Write(...)
  call writefile(split(join(getline(1, '$'), "\n"), "\n", 1), $TARGET_FILE . '.part', 'b')
  call rename($TARGET_FILE . '.part', $TARGET_FILE)
endfunction

function! Clear(...)
  silent! call deletebufline('%', 1, '$')
  call cursor(1, 1)
  call Write()
endfunction

autocmd TextChanged,TextChangedI,TextChangedP * call Write()
let s:requests = job_start(['cat', $TARGET_FILE . '.clear'], {'out_mode': 'raw', 'out_cb': 'Clear'})
autocmd VimEnter * call Write()
startinsert
