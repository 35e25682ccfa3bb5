extension String {
  /// The text as part of a message, whatever file it is from: on one line, without what controls a
  /// terminal, and cut short after `limit` code points.
  package func oneLine(limit: Int = .max) -> String {
    let scalars = unicodeScalars.prefix(limit).map { scalar -> Unicode.Scalar in
      switch scalar.properties.generalCategory {
      case .control, .lineSeparator, .paragraphSeparator: "?"
      default: scalar
      }
    }
    return String(UnicodeScalarView(scalars)) + (unicodeScalars.count > limit ? "…" : "")
  }
}
