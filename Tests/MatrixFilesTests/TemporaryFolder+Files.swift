import Glibc
import MatrixFiles
import TestSupport
import Testing

extension TemporaryFolder {
  /// Creates a file, bypassing what is tested, and returns its path.
  func file(_ name: String, _ bytes: some Sequence<UInt8>) throws -> String {
    let file = try #require(fopen(self(name), "w"))
    let bytes = Array(bytes)
    #expect(fwrite(bytes, 1, bytes.count, file) == bytes.count)
    #expect(fclose(file) == 0)
    return self(name)
  }

  /// Creates a text file and returns its path.
  func file(_ name: String, _ text: String) throws -> String { try file(name, text.utf8) }

  /// The contents of a file, read without what is tested.
  func contents(_ name: String) throws -> [UInt8] {
    let file = try #require(fopen(self(name), "r"))
    defer { fclose(file) }
    var bytes: [UInt8] = []
    while case let byte = fgetc(file), byte != EOF { bytes.append(UInt8(byte)) }
    return bytes
  }
}

/// What a file is refused for, without its path.
struct Refusal: Equatable, CustomTestStringConvertible {
  var position: TextPosition?
  let expected: String
  let found: String
  var isUnsupported = false

  init(
    _ position: TextPosition? = nil, expected: String, found: String, isUnsupported: Bool = false
  ) {
    self.position = position
    self.expected = expected
    self.found = found
    self.isUnsupported = isUnsupported
  }

  /// The error that reading `path` must throw.
  func error(_ path: String) -> FileError {
    isUnsupported
      ? .unsupported(path: path, expected: expected, found: found)
      : .malformed(path: path, position: position, expected: expected, found: found)
  }

  var testDescription: String { found }
}
