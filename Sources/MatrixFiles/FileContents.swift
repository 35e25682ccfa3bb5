import Glibc
package import SparseCore

/// The bytes of one file, or of one member of an archive, as the readers see them.
///
/// A zero byte, or another member, follows the bytes, so that reading one further stays in memory.
package struct FileContents {
  /// The path as given, with the member's name where there is one; for messages.
  package let path: String
  /// The most bytes that a matrix copied from the contents may take.
  let memoryLimit: Int
  /// What keeps the bytes alive.
  package let owner: any MatrixBytes
  /// The bytes of `owner` that belong to these contents; never empty.
  let range: Range<Int>

  /// The contents. Valid for as long as `owner` lives.
  package var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: owner.bytes[range]) }

  /// Maps the file at `path`.
  ///
  /// - Throws: what ``MappedFile/init(path:)`` throws.
  package init(path: String) throws(FileError) {
    self.init(path: path, try MappedFile(path: path))
  }

  /// Maps a file that is open.
  ///
  /// - Parameter path: what it is called in messages.
  /// - Throws: what ``MappedFile/init(descriptor:path:)`` throws.
  package init(descriptor: CInt, path: String) throws(FileError) {
    self.init(path: path, try MappedFile(descriptor: descriptor, path: path))
  }

  private init(path: String, _ file: MappedFile) {
    self.init(
      path: path, memoryLimit: AvailableMemory.bytes, owner: file, range: file.bytes.indices)
  }

  /// Copies `bytes`, which need not come from a file: count + 1 bytes.
  ///
  /// - Throws: ``FileError/cannotRead(path:reason:)`` where there is no memory for them, or
  ///   ``FileError/malformed(path:position:expected:found:)`` when they are empty.
  package init(
    path: String, bytes: UnsafeRawBufferPointer, memoryLimit: Int
  ) throws(FileError) {
    guard !bytes.isEmpty else { throw .empty(path) }
    do throws(RecoveryError) {
      let copy = try OwnedBytes(count: bytes.count + 1)
      copy.region.copyMemory(from: bytes)
      copy.region[bytes.count] = 0
      self.init(
        path: path, memoryLimit: memoryLimit, owner: copy, range: 0..<bytes.count)
    } catch {
      throw .cannotRead(path: path, reason: error.description)
    }
  }

  private init(path: String, memoryLimit: Int, owner: any MatrixBytes, range: Range<Int>) {
    self.path = path
    self.memoryLimit = memoryLimit
    self.owner = owner
    self.range = range
  }

  /// The part of these contents at `place`, under a name of its own.
  ///
  /// - Throws: ``FileError/malformed(path:position:expected:found:)`` when it is empty.
  func part(_ place: Range<Int>, path: String) throws(FileError) -> FileContents {
    guard !place.isEmpty else { throw .empty(path) }
    let start = range.lowerBound
    return FileContents(
      path: path, memoryLimit: memoryLimit, owner: owner,
      range: start + place.lowerBound..<start + place.upperBound)
  }

  /// Tells the system that the contents will be read once, from front to back.
  func willReadSequentially() { (owner as? MappedFile)?.willReadSequentially() }

  /// Lets go of the memory of a part that has been read: it is read from the file again where it is touched again.
  func release(_ part: Range<Int>) {
    (owner as? MappedFile)?.release(
      range.lowerBound + part.lowerBound..<range.lowerBound + part.upperBound)
  }

  /// The error of these contents being other than `expected`.
  package func malformed(
    _ position: TextPosition? = nil, expected: String, found: String
  ) -> FileError {
    .malformed(path: path, position: position, expected: expected, found: found)
  }
}

extension FileError {
  /// The error of a file without a byte.
  static func empty(_ path: String) -> FileError {
    .malformed(path: path, position: nil, expected: "numbers", found: "an empty file")
  }
}

/// A regular file mapped into memory, read-only, and followed by at least one zero byte.
///
/// Pages are read when they are touched. A file that shrinks while it is mapped stops the process
/// with SIGBUS: replace files by renaming, as ``AtomicFile`` does, and never in place.
package final class MappedFile: MatrixBytes, @unchecked Sendable {
  /// The contents, page-aligned and not empty.
  package let bytes: UnsafeRawBufferPointer
  private let reservation: UnsafeMutableRawBufferPointer

  /// Maps the file at `path`.
  ///
  /// - Throws: ``FileError/cannotRead(path:reason:)``, or
  ///   ``FileError/malformed(path:position:expected:found:)`` when it is empty.
  package convenience init(path: String) throws(FileError) {
    // A pipe without a writer would block here; it is refused below instead.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .cannotRead(path: path, reason: systemReason()) }
    defer { close(descriptor) }
    try self.init(descriptor: descriptor, path: path)
  }

  /// Maps a file that is open; it may be closed then.
  ///
  /// - Throws: what ``init(path:)`` throws.
  package init(descriptor: CInt, path: String) throws(FileError) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw .cannotRead(path: path, reason: systemReason())
    }
    let kind = FileKind(status)
    guard kind == .regular else {
      throw .cannotRead(path: path, reason: "expected a regular file, found \(kind.rawValue)")
    }
    guard status.st_size > 0 else { throw .empty(path) }
    reservation = try Self.map(descriptor, size: Int(status.st_size), path: path)
    bytes = UnsafeRawBufferPointer(rebasing: reservation[..<Int(status.st_size)])
  }

  /// Maps the file over the beginning of a zero region one page longer, so that text functions of
  /// C, which stop at a zero byte, cannot run past the end.
  private static func map(
    _ descriptor: CInt, size: Int, path: String
  ) throws(FileError) -> UnsafeMutableRawBufferPointer {
    let page = sysconf(CInt(_SC_PAGESIZE))
    let (padded, overflow) = size.addingReportingOverflow(2 * page - 1)
    guard !overflow else {
      throw .cannotRead(path: path, reason: "\(size) bytes are more than can be addressed")
    }
    let length = padded / page * page
    let zeros = mmap(nil, length, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let zeros, zeros != MAP_FAILED else {
      throw .cannotRead(path: path, reason: systemReason())
    }
    guard mmap(zeros, size, PROT_READ, MAP_PRIVATE | MAP_FIXED, descriptor, 0) != MAP_FAILED else {
      let reason = systemReason()
      munmap(zeros, length)
      throw .cannotRead(path: path, reason: reason)
    }
    return UnsafeMutableRawBufferPointer(start: zeros, count: length)
  }

  /// Tells the system that the contents will be read once, from front to back.
  func willReadSequentially() {
    madvise(reservation.baseAddress, bytes.count, MADV_SEQUENTIAL)
  }

  /// Lets go of the whole pages of a part.
  func release(_ part: Range<Int>) {
    let page = sysconf(CInt(_SC_PAGESIZE))
    let first = (part.lowerBound + page - 1) / page * page
    let end = part.upperBound / page * page
    guard first < end, let start = reservation.baseAddress else { return }
    madvise(start + first, end - first, MADV_DONTNEED)
  }

  deinit { munmap(reservation.baseAddress, reservation.count) }
}
