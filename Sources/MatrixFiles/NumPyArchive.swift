import SparseCore

/// The .npz format of NumPy: a zip archive of .npy files.
enum NumPyArchive {
  /// Reads the array called `name`, or the only one where that is nil; or the arrays of a sparse matrix, as a dense
  /// one, and says in which format it was.
  ///
  /// Checksums are not compared: that would read a mapped array twice.
  static func read(
    _ file: FileContents, member name: String?
  ) throws(FileError) -> (matrix: DenseMatrix, sparse: String?) {
    switch try contents(file, member: name) {
    case .array(let array): (try NumPyFile.read(array), nil)
    case .sparse(let sparse): (.double(try sparse.matrix()), sparse.format.rawValue)
    }
  }

  /// Reads the array that ``read(_:member:)`` reads, where its numbers are complex; nil for real ones, and for a sparse
  /// matrix.
  static func readComplex(
    _ file: FileContents, member name: String?
  ) throws(FileError) -> DenseMatrix? {
    switch try contents(file, member: name) {
    case .array(let array): try NumPyFile.readComplex(array)
    case .sparse: nil
    }
  }

  /// What is read of an archive.
  private enum Contents {
    /// The bytes of an array.
    case array(FileContents)
    /// The arrays of a sparse matrix of real numbers.
    case sparse(SparseArchive)
  }

  private static func contents(
    _ file: FileContents, member name: String?
  ) throws(FileError) -> Contents {
    let archive = try ZipArchive(file)
    let matches = archive.arrays(called: name)
    guard let member = matches.first, matches.dropFirst().isEmpty else {
      if name == nil, let sparse = try SparseArchive(archive) { return .sparse(sparse) }
      if let error = ForeignFormat.error(of: archive) { throw error }
      throw file.malformed(
        expected: name.map { "one array called \(excerpt($0.utf8, limit: nameLimit))" }
          ?? "one array, or FILE.npz:NAME with the name of one", found: listing(archive))
    }
    return .array(try array(member, of: archive))
  }

  /// The sparse matrix that an archive holds, and its format, where few of its numbers are not zero.
  static func readSparse(
    _ file: FileContents
  ) throws(FileError) -> (matrix: SparseMatrix, format: String)? {
    guard let archive = try SparseArchive(ZipArchive(file)),
      let matrix = try archive.sparseMatrix()
    else { return nil }
    return (matrix, archive.format.rawValue)
  }

  /// The bytes of an array.
  ///
  /// - Throws: ``FileError``, also where it is compressed.
  static func array(
    _ member: ZipArchive.Member, of archive: ZipArchive
  ) throws(FileError) -> FileContents {
    let file = archive.file
    let label =
      file.path + ":"
      + String(decoding: file.bytes[member.name].prefix(nameLimit), as: UTF8.self)
    guard member.method == 0, !member.isEncrypted else {
      throw .unsupported(
        path: label, expected: "an uncompressed array, as numpy.savez writes it",
        found: fault(member))
    }
    let array = try file.part(try archive.data(of: member), path: label)
    guard array.bytes.starts(with: FileFormat.numPyMagic) else {
      throw array.malformed(expected: "a .npy array", found: excerpt(array.bytes))
    }
    return array
  }

  /// The longest part of a member's name that a message shows.
  private static let nameLimit = 64

  private static func fault(_ member: ZipArchive.Member) -> String {
    if member.isEncrypted { return "an encrypted one" }
    return member.method == 8
      ? "a deflated one, as numpy.savez_compressed writes it (save it with numpy.savez)"
      : "one compressed by method \(member.method)"
  }

  /// The names of the first members.
  private static func listing(_ archive: ZipArchive) -> String {
    let shown = 8
    let names = archive.members.prefix(shown).map {
      excerpt(archive.file.bytes[$0.name], limit: nameLimit)
    }
    let rest = archive.members.count - shown
    return names.isEmpty
      ? "no members" : names.joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
  }
}
