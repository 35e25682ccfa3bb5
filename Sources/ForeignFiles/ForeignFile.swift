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
  /// A variable of a .mat is named as `FILE.mat:NAME`, where it is not the only matrix of numbers. Sparse ones
  /// become dense. Memory beside the matrix: what is unpacked, at most half of what the machine has to give.
  ///
  /// - Parameters: as there.
  /// - Throws: ``FileError``.
  public static func reading(
    _ path: String, header: Bool = false, dialect: TableDialect = TableDialect()
  ) throws(FileError) -> FileReading<DenseMatrix> {
    let (source, guesses) = try decoded(path)
    return try MatrixFile.reading(source, header: header, dialect: dialect).adding(guesses)
  }

  /// What a path stands for, decoded where that takes a library, and what is to be said of that.
  private static func decoded(
    _ path: String
  ) throws(FileError) -> (source: (file: FileContents, member: String?), guesses: [FileGuess]) {
    let source = try MatrixFile.open(path)
    guard let format = LibraryFormat(of: source) else { return (source, []) }
    let target = try OpenFile(emptyFor: format.label(source.file.path, source.member))
    let decoder = ForeignDecoder(format, member: source.member, limit: AvailableMemory.bytes / 2)
    let guesses = try decoder.decode(
      source.file, at: source.file.path, into: target.descriptor)
    return ((try target.sealedContents(), format.memberWhenDecoded(source.member)), guesses)
  }

  /// Reads the matrix alone.
  ///
  /// - Throws: what ``reading(_:header:dialect:)`` throws.
  public static func read(
    _ path: String, header: Bool = false, dialect: TableDialect = TableDialect()
  ) throws(FileError) -> DenseMatrix {
    try reading(path, header: header, dialect: dialect).contents
  }

  /// Reads what ``MatrixFile/readComplex(_:)`` reads, and these formats beside: a matrix of complex numbers, as the rows of
  /// its real and imaginary parts; nil where the file holds none.
  ///
  /// - Throws: ``FileError``.
  public static func readComplex(_ path: String) throws(FileError) -> DenseMatrix? {
    try complexReading(path)?.contents
  }

  /// Reads what ``readComplex(_:)`` reads, and says what was guessed.
  ///
  /// - Throws: ``FileError``.
  package static func complexReading(
    _ path: String
  ) throws(FileError) -> FileReading<DenseMatrix>? {
    let (source, guesses) = try decoded(path)
    return try MatrixFile.complexReading(source)?.adding(guesses)
  }
}
