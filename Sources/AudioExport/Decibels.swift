import Glibc

/// The factor that makes a signal `gain` decibels louder: 10^(gain/20).
public func decibels(_ gain: Double) -> Float { Float(pow(10, gain / 20)) }
