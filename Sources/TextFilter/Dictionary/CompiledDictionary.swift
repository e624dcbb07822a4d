public import DictationTypes

/// A dictionary that is ready for texts: what is replaced, and then what is spelt.
public struct CompiledDictionary: Sendable {
  private let replacements: Replacements
  private let terms: Terms

  /// The dictionary that `dictionary` says.
  public init(_ dictionary: WordDictionary) {
    replacements = Replacements(dictionary.replacements)
    terms = Terms(dictionary.terms)
  }

  /// `text` with the dictionary applied once, and the names of the terms and replacements that were in it, in their order.
  /// Total, and linear in the length of the text.
  public func apply(_ text: String) -> (text: String, used: [String]) {
    var used: [String] = []
    let replaced = replacements.apply(Scalars(text), used: &used)
    let spelt = terms.apply(replaced, used: &used)
    return (spelt.text, used)
  }
}
