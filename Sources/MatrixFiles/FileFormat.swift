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

/// Formats that are not read here, told by their first bytes, so that none is taken for a text table.
enum ForeignFormat {
  /// The error of a file of such a format, or nil for any other file. Looks at a few bytes only.
  static func error(of file: FileContents) -> FileError? {
    name(of: file).map {
      .unsupported(
        path: file.path, expected: "a .npy, .npz, .mtx, .csv or .tsv file", found: "\($0)")
    }
  }

  /// The error of an archive that holds no arrays but those of such a format, or nil.
  static func error(of archive: ZipArchive) -> FileError? {
    func holds(_ name: StaticString) -> Bool {
      let name = UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
      return archive.members.contains { archive.file.bytes[$0.name].elementsEqual(name) }
    }
    let path = archive.file.path
    let isOffice = holds("[Content_Types].xml")
    guard isOffice || holds("mimetype") else { return nil }
    return .unsupported(
      path: path, expected: "an archive of .npy arrays",
      found: isOffice
        ? "an Excel workbook (save the sheet as .csv)"
        : "an OpenDocument file (save the sheet as .csv)")
  }

  /// Whether a file is one of MATLAB.
  static func isMATLAB(_ file: FileContents) -> Bool {
    file.bytes.starts(with: "MATLAB 5.0".utf8) || file.bytes.starts(with: "MATLAB 7.3".utf8)
      || isMATLAB4(file)
  }

  private static func name(of file: FileContents) -> StaticString? {
    let bytes = file.bytes
    if let known = beginnings.first(where: { bytes.starts(with: $0.magic) }) { return known.name }
    if isHDF5(file) { return "an HDF5 file (read it with h5py, save A with numpy.save)" }
    if isMATLAB4(file) { return "a MATLAB 4 file (read it with scipy.io, save A with numpy.save)" }
    if isStata(file) { return stata }
    if isBzip2(file) { return "a bzip2-compressed file (unpack it with bunzip2)" }
    // Four letters may begin a line of names: these formats end as they begin.
    for (magic, name) in enclosing where bytes.starts(with: magic) && bytes.count > 8 {
      if bytes.suffix(4).elementsEqual(magic) { return name }
    }
    return nil
  }

  // MARK: Formats of which the beginning says enough

  private static let beginnings: [(magic: [UInt8], name: StaticString)] = [
    (
      ascii("MATLAB 7.3"),
      "a MATLAB 7.3 file (read it with h5py, save A transposed with numpy.save)"
    ),
    (ascii("MATLAB 5.0"), "a MATLAB 5 file (read it with scipy.io, save A with numpy.save)"),
    ([0x1F, 0x8B], "a gzip-compressed file (unpack it with gunzip)"),
    ([0xFD] + ascii("7zXZ") + [0], "an xz-compressed file (unpack it with unxz)"),
    ([0x28, 0xB5, 0x2F, 0xFD], "a zstd-compressed file (unpack it with unzstd)"),
    (ascii("ARROW1") + [0], "an Arrow file (read it with pandas, save A with numpy.save)"),
    ([0x80, 2], pickle), ([0x80, 3], pickle), ([0x80, 4], pickle), ([0x80, 5], pickle),
    (
      [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1], "an Excel workbook (save the sheet as .csv)"
    ),
    (ascii("RDX2\nX\n"), r), (ascii("RDX3\nX\n"), r), (ascii("RDA2\nA\n"), r),
    (ascii("RDA3\nA\n"), r), (ascii("X\n") + [0, 0, 0], r),
    (ascii("SQLite format 3") + [0], "an SQLite database (export the table as .csv)"),
    (ascii("%PDF-"), "a PDF document"),
    ([0x89] + ascii("PNG\r\n"), "a PNG image"),
    ([0xFF, 0xD8, 0xFF], "a JPEG image"),
    (ascii("<stata_dta>"), stata),
    (ascii("$FL2"), "an SPSS file (export it as .csv)"),
    (ascii("$FL3"), "an SPSS file (export it as .csv)"),
    (ascii("SIMPLE  ="), "a FITS file (read it with astropy, save A with numpy.save)"),
    ([0xFF, 0xFE], "UTF-16 text (save it as UTF-8)"),
    ([0xFE, 0xFF], "UTF-16 text (save it as UTF-8)"),
  ]

  private static let enclosing: [(magic: [UInt8], name: StaticString)] = [
    (ascii("PAR1"), "a Parquet file (read it with pandas, save A with numpy.save)"),
    (ascii("FEA1"), "a Feather file (read it with pandas, save A with numpy.save)"),
  ]

  private static let pickle: StaticString = "a Python pickle (save the array with numpy.save)"
  private static let r: StaticString = "R data (save A with write.csv(A, row.names = FALSE))"
  private static let stata: StaticString = "a Stata file (export it as .csv)"

  private static func ascii(_ text: String) -> [UInt8] { Array(text.utf8) }

  // MARK: Formats that take more than that

  /// Whether the signature stands at byte 0, 512 or twice, four times, … as far: a user's own bytes may
  /// come before it. Source: HDF5 File Format Specification 3.0, section II.A.
  private static func isHDF5(_ file: FileContents) -> Bool {
    var offset = 0
    while let found = file.number(at: offset, UInt64.self) {
      if found.byteSwapped == 0x8948_4446_0D0A_1A0A { return true }
      offset = max(512, 2 * offset)
    }
    return false
  }

  /// Whether the file begins as its first matrix does: five numbers of 32 bits, a name and the entries.
  /// Source: MATLAB, MAT-File Format, Level 4 MAT-File Format.
  private static func isMATLAB4(_ file: FileContents) -> Bool {
    let words = (0..<5).compactMap { file.number(at: 4 * $0, Int32.self) }.map(Int.init)
    let swapped = (0..<5).compactMap { file.number(at: 4 * $0, Int32.self)?.byteSwapped }
      .map(Int.init)
    return isMATLAB4(words, file) || isMATLAB4(swapped, file)
  }

  /// The same of numbers in either order of bytes: type, rows, columns, whether there are imaginary
  /// parts, and the length of the name with its zero.
  private static func isMATLAB4(_ words: [Int], _ file: FileContents) -> Bool {
    let sizes = [8, 4, 4, 2, 2, 1]
    guard words.count == 5, case let (type, name) = (words[0], words[4]), (0..<5000) ~= type,
      type / 100 % 10 == 0, type / 10 % 10 < sizes.count, type % 10 < 3,
      words[1] >= 0, words[2] >= 0, (0...1) ~= words[3], (1...64) ~= name,
      20 + name <= file.bytes.count
    else { return false }
    let (text, zero) = (file.bytes[20..<19 + name], file.bytes[19 + name])
    let room = (file.bytes.count - 20 - name) / (sizes[type / 10 % 10] * (words[3] + 1))
    return zero == 0 && text.allSatisfy { (0x20..<0x7F) ~= $0 } && words[1] * words[2] <= room
  }

  /// Whether the file begins with a block, or with the end of an empty one, of the format's version h.
  private static func isBzip2(_ file: FileContents) -> Bool {
    let bytes = file.bytes
    guard bytes.count >= 10, bytes.starts(with: "BZh".utf8) else { return false }
    let mark = bytes[4..<10]
    return mark.elementsEqual([0x31, 0x41, 0x59, 0x26, 0x53, 0x59])
      || mark.elementsEqual([0x17, 0x72, 0x45, 0x38, 0x50, 0x90])
  }

  /// Whether the file is one of Stata 8 to 12: release, order of bytes, 1 and 0.
  private static func isStata(_ file: FileContents) -> Bool {
    let bytes = file.bytes
    return bytes.count >= 4 && (0x71...0x73) ~= bytes[0] && (1...2) ~= bytes[1] && bytes[2] == 1
      && bytes[3] == 0
  }
}

/// Formats that are read once a library of others has unpacked them, told by their contents.
package enum LibraryFormat: String, Sendable {
  /// Any file, compressed by gzip.
  case gzip
  /// A .npz of which an array that is wanted is deflated.
  case deflated
  /// A .mat of version 4, 5 or 7.3.
  case matlab

  /// - Returns: nil for any other file. Looks at a few bytes, and at the directory of an archive.
  package init?(of source: (file: FileContents, member: String?)) {
    defer { withExtendedLifetime(source.file.owner) {} }
    if source.file.bytes.starts(with: [0x1F, 0x8B]) {
      self = .gzip
    } else if ForeignFormat.isMATLAB(source.file) {
      self = .matlab
    } else if ZipArchive.magics.contains(where: source.file.bytes.starts),
      let archive = try? ZipArchive(source.file),
      archive.arrays(called: source.member).contains(where: { $0.method == 8 && !$0.isEncrypted })
    {
      self = .deflated
    } else {
      return nil
    }
  }

  /// What a file of this format is called once it is unpacked.
  package func label(_ path: String, _ member: String?) -> String {
    self == .matlab ? path + (member.map { ":\($0)" } ?? "") : path
  }

  /// What is still to be looked for in it then.
  package func memberWhenDecoded(_ member: String?) -> String? { self == .matlab ? nil : member }
}
