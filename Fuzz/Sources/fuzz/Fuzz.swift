import CFuzzer
import MatrixFiles
import SparseCore

/// Feeds mutated bytes to the readers, guided by coverage.
///
/// The first byte chooses whether a table has a header and whether an archive's member is named;
/// the rest is the file. The format is recognised by the contents, as in production, so that seeds
/// decide which reader is exercised.
@main enum Fuzz {
  static func main() {
    var count = CommandLine.argc
    var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
    _ = LLVMFuzzerRunDriver(&count, &arguments) { data, size in
      if let data, size > 1 {
        Fuzz.readOnce(UnsafeRawBufferPointer(start: data + 1, count: size - 1), choices: data[0])
      }
      return 0
    }
  }

  /// The dense matrix of a coordinate file has no relation to the size of the file.
  private static let memoryLimit = 1 << 20

  /// Reads `bytes`, and traps where a promise is broken.
  private static func readOnce(_ bytes: UnsafeRawBufferPointer, choices: UInt8) {
    start_counting_bytes()
    do throws(FileError) {
      let file = try FileContents(path: "input", bytes: bytes, memoryLimit: memoryLimit)
      let matrix = try MatrixFile.read(
        (file, choices & 2 == 0 ? nil : "a"), header: choices & 1 != 0)
      precondition(matrix.rows > 0 && matrix.columns > 0, "an empty matrix was read")
      // Both ends of the memory that the matrix claims to have.
      _ = matrix[0, 0] + matrix[matrix.rows - 1, matrix.columns - 1]
    } catch {
      precondition(error.kind == .data, "data were refused as something else")
      precondition(
        !error.description.utf8.contains(UInt8(ascii: "\n")), "an error of several lines")
    }
    // The copy of the bytes, eight bytes for each of theirs, and messages.
    let allowed = 9 * bytes.count + 32 << 10
    let isCoordinate = bytes.starts(with: "%%MatrixMarket".utf8)
    precondition(
      count_of_bytes() <= allowed + (isCoordinate ? memoryLimit : 0), "too much memory was taken")
  }
}
