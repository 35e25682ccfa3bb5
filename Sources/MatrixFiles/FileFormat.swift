/// The formats of matrices and vectors that are read and written.
enum FileFormat: String {
  case numPy = "a .npy array"
  case numPyArchive = "a .npz archive"
  case matrixMarket = "a Matrix Market file"
  case delimited = "a text table"

  /// Recognises a format by the first bytes of a file; anything unknown counts as delimited text.
  ///
  /// - Throws: ``FileError/unsupported(path:expected:found:)`` for formats known not to be read.
  static func recognise(_ file: FileContents) throws(FileError) -> FileFormat {
    if file.bytes.starts(with: numPyMagic) { return .numPy }
    if ZipArchive.magics.contains(where: file.bytes.starts) { return .numPyArchive }
    if file.bytes.starts(with: matrixMarketMagic) { return .matrixMarket }
    if let error = ForeignFormat.error(of: file) { throw error }
    return .delimited
  }

  /// The format that the ending of `path` names, or nil where it says nothing.
  init?(endingOf path: String) {
    let endings: [(String, FileFormat)] = [
      (".npy", .numPy), (".npz", .numPyArchive), (".mtx", .matrixMarket), (".csv", .delimited),
      (".tsv", .delimited),
    ]
    let name = path.lowercased()
    guard let format = endings.first(where: { name.hasSuffix($0.0) })?.1 else { return nil }
    self = format
  }

  static let numPyMagic: [UInt8] = [0x93] + "NUMPY".utf8
  static let matrixMarketMagic = Array("%%MatrixMarket".utf8)
}
