/// Which X display to use. The client sends it with each request, since one daemon serves all of a user's displays.
public struct DisplayAddress: Sendable, Hashable {
  /// The value of `DISPLAY`, for example `:0`. Empty when it is not set.
  public var display: String
  /// The value of `XAUTHORITY`, the path of the authority file; nil for `~/.Xauthority`.
  public var xauthority: String?

  /// The display `display`, with the authority file `xauthority`.
  public init(display: String, xauthority: String? = nil) {
    self.display = display
    self.xauthority = xauthority
  }
}
