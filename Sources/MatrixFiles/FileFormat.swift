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
    for (magic, name) in foreign where file.bytes.starts(with: magic) {
      throw .unsupported(
        path: file.path, expected: "a .npy, .npz, .mtx, .csv or .tsv file", found: name)
    }
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

  private static let foreign: [(magic: [UInt8], name: String)] = [
    ([0x89] + "HDF".utf8, "an HDF5 file"),
    (Array("MATLAB 5.0".utf8), "a MATLAB file"),
    ([0x1F, 0x8B], "a gzip-compressed file"),
    ([0xFF, 0xFE], "UTF-16 text"),
    ([0xFE, 0xFF], "UTF-16 text"),
  ]
}
