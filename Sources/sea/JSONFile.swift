import FoundationEssentials
import SparseRecovery

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

  /// Reads what ``write(_:to:replacing:)`` wrote.
  ///
  /// - Parameter expected: what the file should hold, for the message where it does not.
  static func read<Value: Decodable>(
    _ path: String, as type: Value.Type = Value.self, expected: String
  ) throws(FileError) -> Value {
    guard let data = try? Data(contentsOf: URL(filePath: path)) else {
      throw .cannotRead(path: path, reason: "there is no such file, or it is not readable")
    }
    guard let value = try? JSONDecoder().decode(type, from: data) else {
      throw .malformed(path: path, position: nil, expected: expected, found: "something else")
    }
    return value
  }
}
