import Glibc
import MatrixFiles
import SparseCore
import Testing

/// The seeds of the fuzzer, and every input that once broke a reader: a byte of choices, then a file.
@Suite struct CorpusTests {
  static let folder = #filePath.dropLast("CorpusTests.swift".count) + "Corpus"

  static let names: [String] = {
    var names: [String] = []
    guard let folder = opendir(String(folder)) else { return [] }
    defer { closedir(folder) }
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
  }()

  @Test func isThere() { #expect(Self.names.contains("npy-rows")) }

  @Test(arguments: names) func isReadOrRefused(name: String) throws {
    let map = try MappedFile(path: Self.folder + "/" + name)
    let choices = try #require(map.bytes.first)
    do throws(FileError) {
      let file = try FileContents(
        path: name, bytes: UnsafeRawBufferPointer(rebasing: map.bytes.dropFirst()),
        memoryLimit: 1 << 20)
      let matrix = try MatrixFile.read(
        (file, choices & 2 == 0 ? nil : "a"), header: choices & 1 != 0)
      #expect(matrix.rows > 0 && matrix.columns > 0)
    } catch {
      #expect(error.kind == .data)
    }
  }
}
