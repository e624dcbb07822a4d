def prove(*_): raise NotImplementedError
