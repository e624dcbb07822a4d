import Testing

@Suite struct CaptionsTests {}
