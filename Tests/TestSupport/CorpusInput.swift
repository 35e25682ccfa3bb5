import Glibc

/// A seed of the fuzzer, or an input that once broke a reader.
package struct CorpusInput: Sendable, CustomStringConvertible {
  /// The reader it is for: the name of its folder.
  package let reader: String
  private let name: String
  private let folder: String

  /// All inputs in the folders in `Corpus` beside a source file.
  package static func all(beside source: String = #filePath) -> [CorpusInput] {
    let end = source.lastIndex(of: "/") ?? source.startIndex
    let corpus = source[..<end] + "/Corpus"
    return fileNames(in: String(corpus)).flatMap { reader in
      let folder = "\(corpus)/\(reader)"
      return fileNames(in: folder).map { CorpusInput(reader: reader, name: $0, folder: folder) }
    }
  }

  /// Gives the bytes to `body`.
  package func withBytes(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    guard let file = fopen("\(folder)/\(name)", "r") else {
      throw BrokenPromise(description: "\(self) cannot be opened")
    }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    while case let byte = fgetc(file), byte != EOF { bytes.append(UInt8(byte)) }
    try bytes.withUnsafeBytes(body)
  }

  package var description: String { "\(reader)/\(name)" }
}
