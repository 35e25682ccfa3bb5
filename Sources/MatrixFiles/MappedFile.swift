import Glibc
import SparseCore

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
  package init(path: String) throws(FileError) {
    // A pipe without a writer would block here; it is refused below instead.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .cannotRead(path: path, reason: systemReason()) }
    defer { close(descriptor) }
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

  deinit { munmap(reservation.baseAddress, reservation.count) }
}
