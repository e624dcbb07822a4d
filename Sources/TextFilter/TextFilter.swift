// TextFilter
