import MatrixFiles
import SparseCore
import TestSupport
import Testing

/// Files of other programs are refused by name, and not read as text.
@Suite struct ForeignFormatTests {
  let folder: TemporaryFolder

  init() { folder = TemporaryFolder() }

  private static let hdf5: [UInt8] = [0x89] + "HDF\r\n\u{1A}\n".utf8 + [0, 0]
  private static func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }

  /// A MATLAB 4 file of one matrix, 2 × 1.
  private static func matlab4(
    type: Int32 = 0, rows: Int32 = 2, imaginary: Int32 = 0, name: String = "A", entries: Int = 16,
    isBigEndian: Bool = false
  ) -> [UInt8] {
    let length = Int32(name.utf8.count + 1)
    return encoded([type, rows, 1, imaginary, length], isBigEndian: isBigEndian) + name.utf8 + [0]
      + zeros(entries)
  }

  static let formats: [(bytes: [UInt8], name: String)] = [
    (hdf5, "an HDF5 file"), (zeros(512) + hdf5, "an HDF5 file"),
    (zeros(2048) + hdf5, "an HDF5 file"),
    ("MATLAB 7.3 MAT-file, Platform".utf8 + zeros(483) + hdf5, "a MATLAB 7.3 file"),
    (Array("MATLAB 5.0 MAT-file, Platform".utf8), "a MATLAB 5 file"),
    (matlab4(), "a MATLAB 4 file"), (matlab4(type: 1000, isBigEndian: true), "a MATLAB 4 file"),
    (matlab4(type: 20, entries: 8), "a MATLAB 4 file"),
    (matlab4(imaginary: 1, entries: 32) + [1, 2], "a MATLAB 4 file"),
    (matlab4(rows: 0, name: "", entries: 0), "a MATLAB 4 file"),
    ("PAR1".utf8 + [0x15, 0, 1] + "PAR1".utf8, "a Parquet file"),
    ("ARROW1".utf8 + [0, 0], "an Arrow file"),
    ("FEA1".utf8 + zeros(4) + "FEA1".utf8, "a Feather file"),
    ([0x80, 2, 0x63], "a Python pickle"), ([0x80, 5, 0x95], "a Python pickle"),
    ([0x1F, 0x8B, 8], "a gzip-compressed file"),
    ("BZh91AY&SY".utf8 + [1], "a bzip2-compressed file"),
    ("BZh9".utf8 + [0x17, 0x72, 0x45, 0x38, 0x50, 0x90], "a bzip2-compressed file"),
    ([0xFD] + "7zXZ".utf8 + [0], "an xz-compressed file"),
    ([0x28, 0xB5, 0x2F, 0xFD], "a zstd-compressed file"),
    ([0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1], "an Excel workbook"),
    (Array("RDX3\nX\n".utf8), "R data"), (Array("RDX2\nX\n".utf8), "R data"),
    (Array("RDA2\nA\n".utf8), "R data"), (Array("RDA3\nA\n".utf8), "R data"),
    ("X\n".utf8 + [0, 0, 0, 3], "R data"),
    ("SQLite format 3".utf8 + [0], "an SQLite database"),
    (Array("%PDF-1.7".utf8), "a PDF document"),
    ([0x89] + "PNG\r\n\u{1A}\n".utf8, "a PNG image"), ([0xFF, 0xD8, 0xFF, 0xE0], "a JPEG image"),
    (Array("<stata_dta><header>".utf8), "a Stata file"), ([0x72, 2, 1, 0], "a Stata file"),
    (Array("$FL2@(#) SPSS DATA FILE".utf8), "an SPSS file"),
    (Array("$FL3@(#)".utf8), "an SPSS file"),
    (Array("SIMPLE  =                    T".utf8), "a FITS file"),
    ([0xFF, 0xFE, 0x31, 0], "UTF-16 text"), ([0xFE, 0xFF, 0, 0x31], "UTF-16 text"),
  ]

  @Test(arguments: formats.indices) func areRefusedByName(index: Int) throws {
    let (bytes, name) = Self.formats[index]
    let path = try folder.file("a.csv", bytes)
    for header in [false, true] {
      let error = #expect(throws: FileError.self) { try MatrixFile.read(path, header: header) }
      guard case .unsupported(path, "a .npy, .npz, .mtx, .csv or .tsv file", let found) = error
      else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(found == name || found.hasPrefix(name + " ("), "\(found)")
      if let error { try promiseOneLine(error) }
    }
  }

  /// What begins like another format and is a text table, or is nothing known.
  static let others: [(bytes: [UInt8], isRead: Bool)] = [
    (Array("PAR1,PAR2\n1,2\n".utf8), true), (Array("FEA1 FEA2\n1 2\n".utf8), true),
    (Array("BZh1\n5\n".utf8), true), (Array("RDX2\n5\n".utf8), true), (Array("X\n5\n".utf8), true),
    (Array("q,r\n1,2\n".utf8), true), (Array("SIMPLE,B\n1,2\n".utf8), true),
    (Array("PAR1".utf8), false), ([0x80, 6], false), (zeros(20), false), (zeros(511) + hdf5, false),
    (zeros(512) + hdf5.prefix(7), false), (zeros(1536) + hdf5, false),
    (matlab4(entries: 15), false), (matlab4(type: 5000), false), (matlab4(type: 100), false),
    (matlab4(type: 60), false), (matlab4(type: 3), false), (matlab4(type: -1), false),
    (matlab4(rows: -1), false), (matlab4(rows: .max), false),
    (matlab4(imaginary: 2, entries: 99), false),
    (matlab4(name: "A\n"), false), (matlab4(name: String(repeating: "x", count: 64)), false),
    ([0x70, 2, 1, 0], false), ([0x72, 3, 1, 0], false), ([0x72, 2, 1], false),
  ]

  @Test(arguments: others.indices) func areNotTakenForOthers(index: Int) throws {
    let (bytes, isRead) = Self.others[index]
    let path = try folder.file("a.csv", bytes)
    guard !isRead else {
      #expect(try MatrixFile.read(path).rows == 1)
      return
    }
    let error = #expect(throws: FileError.self) { try MatrixFile.read(path) }
    guard case .malformed = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  private static func archive(_ names: String...) -> [UInt8] {
    ZipBytes(members: names.map { .init(name: $0, data: [1]) }).bytes
  }

  static let archives: [(bytes: [UInt8], expected: String, found: String)] = [
    (
      archive("[Content_Types].xml", "xl/workbook.xml"), "an archive of .npy arrays",
      "an Excel workbook (save the sheet as .csv)"
    ),
    (
      archive("mimetype", "content.xml"), "an archive of .npy arrays",
      "an OpenDocument file (save the sheet as .csv)"
    ),
  ]

  @Test(arguments: archives.indices, ["", ":A"])
  func archivesAreRefusedByName(index: Int, member: String) throws {
    let (bytes, expected, found) = Self.archives[index]
    let path = try folder.file("a.npz", bytes)
    #expect(throws: FileError.unsupported(path: path, expected: expected, found: found)) {
      try MatrixFile.read(path + member)
    }
  }

  /// An array that is asked for by name is one, whatever else there is.
  @Test func theArrayThatIsNamedIsRead() throws {
    let data = NumPyBytes(shape: "(2,)", data: encoded(doubles: [7, 8])).bytes
    let archive = ZipBytes(
      members: ["format", "shape", "data"].map { .init(name: $0 + ".npy", data: data) })
    let path = try folder.file("a.npz", archive.bytes)
    #expect(try MatrixFile.readVector(path + ":data") == [7, 8])
  }
}
