import FoundationEssentials
import SparseRecovery

extension KeyedEncodingContainer {
  /// A figure, where there is one that JSON has a number for. One beyond the largest double leaves its key out: it ends no
  /// result.
  mutating func encodeFinite(_ figure: Double?, forKey key: Key) throws {
    try encodeIfPresent(figure.flatMap { $0.isFinite ? $0 : nil }, forKey: key)
  }
}

extension [Double] {
  /// Nil, as JSON null, in the place of figures that are not finite.
  var finite: [Double?] { map { $0.isFinite ? $0 : nil } }
}

/// Results that this tool writes for itself to read again.
enum JSONFile {
  /// Writes a value as a JSON object that people can read, its keys in alphabetical order.
  ///
  /// - Throws: what ``AtomicFile/write(to:replacing:_:)`` throws.
  static func write(_ value: some Encodable, to path: String, replacing: Bool) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let text = try encoder.encode(value)
    try AtomicFile.write(to: path, replacing: replacing) { (file) throws(FileError) in
      try file.write(text)
      try file.write("\n")
    }
  }

  /// Reads JSON that this tool wrote.
  ///
  /// - Parameter expected: what the file should hold, for the message where it does not.
  /// - Throws: ``FileError``, with the first thing that is missing or of another kind.
  static func read<Value: Decodable>(
    _ path: String, as type: Value.Type = Value.self, expected: String
  ) throws(FileError) -> Value {
    try read(FileContents(path: path), as: type, expected: expected)
  }

  /// Reads the same from contents that are at hand.
  static func read<Value: Decodable>(
    _ file: FileContents, as type: Value.Type = Value.self, expected: String
  ) throws(FileError) -> Value {
    do {
      let data = withExtendedLifetime(file.owner) { Data(file.bytes) }
      return try JSONDecoder().decode(type, from: data)
    } catch {
      throw .malformed(path: file.path, position: nil, expected: expected, found: fault(error))
    }
  }

  /// What was found instead, without a word of the file.
  private static func fault(_ error: any Error) -> String {
    switch error {
    case DecodingError.keyNotFound(let key, _): "none of its \(key.stringValue)"
    case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
      context.codingPath.first.map { "something else as its \($0.stringValue)" } ?? "other JSON"
    default: "text that is no JSON"
    }
  }
}
