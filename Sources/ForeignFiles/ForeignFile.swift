public import MatrixFiles
import MemoryFiles
public import SparseCore

/// Matrices in files that other libraries unpack: gzip-compressed files, .npz archives with deflated members, by zlib;
/// and MATLAB's .mat, versions 4, 5 and 7.3, by libmatio.
///
/// **These libraries trust the file.** A damaged or hostile one may crash the process, or take its time or memory:
/// the promises of ``MatrixFile`` do not hold here. The tool `sea` therefore decodes in a process of its own, with
/// limits.
public enum ForeignFile {
  /// Reads what ``MatrixFile/reading(_:header:dialect:)`` reads, and these formats beside.
  ///
  /// A variable of a .mat is named as `FILE.mat:NAME`, where it is not the only matrix of real numbers. Sparse ones
  /// become dense. Memory beside the matrix: what is unpacked, at most half of what the machine has to give.
  ///
  /// - Parameters: as there.
  /// - Throws: ``FileError``.
  public static func reading(
    _ path: String, header: Bool = false, dialect: TableDialect = TableDialect()
  ) throws(FileError) -> FileReading<DenseMatrix> {
    let source = try MatrixFile.open(path)
    guard let format = LibraryFormat(of: source) else {
      return try MatrixFile.reading(source, header: header, dialect: dialect)
    }
    let target = try OpenFile(emptyFor: format.label(source.file.path, source.member))
    let decoder = ForeignDecoder(format, member: source.member, limit: AvailableMemory.bytes / 2)
    let guesses = try decoder.decode(
      source.file, at: source.file.path, into: target.descriptor)
    let decoded = (
      file: try target.sealedContents(), member: format.memberWhenDecoded(source.member)
    )
    return try MatrixFile.reading(decoded, header: header, dialect: dialect).adding(guesses)
  }

  /// Reads the matrix alone.
  ///
  /// - Throws: what ``reading(_:header:dialect:)`` throws.
  public static func read(
    _ path: String, header: Bool = false, dialect: TableDialect = TableDialect()
  ) throws(FileError) -> DenseMatrix {
    try reading(path, header: header, dialect: dialect).contents
  }
}
