import Library
extension Item { var tags: [String: String] { get { [:] } set { } } }
