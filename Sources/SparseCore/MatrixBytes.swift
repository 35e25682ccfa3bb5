import Glibc

/// Bytes that outlive every matrix that reads them: allocated here, or mapped from a file elsewhere.
///
/// The bytes never change once a matrix has been made from them, which is what makes ``Matrix``
/// safe to share between threads.
package protocol MatrixBytes: AnyObject, Sendable {
  /// The whole region.
  var bytes: UnsafeRawBufferPointer { get }
}

/// Memory of this process, aligned to a page so that devices sharing it need no copy.
package final class OwnedBytes: MatrixBytes, @unchecked Sendable {
  /// The alignment of every allocation, in bytes.
  private static let alignment = 4096

  /// The same region, for its owner to fill before a matrix is made from it.
  package let region: UnsafeMutableRawBufferPointer

  package var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(region) }

  /// Allocates `count` bytes without clearing them.
  ///
  /// - Throws: ``RecoveryError/outOfMemory(bytes:)``.
  package init(count: Int) throws(RecoveryError) {
    var start: UnsafeMutableRawPointer?
    // Swift's own allocation stops the process where there is no memory.
    guard posix_memalign(&start, Self.alignment, max(count, 1)) == 0 else {
      throw .outOfMemory(bytes: count)
    }
    region = UnsafeMutableRawBufferPointer(start: start, count: count)
  }

  deinit { free(region.baseAddress) }
}

/// Memory of somebody else.
final class BorrowedBytes: MatrixBytes {
  nonisolated(unsafe) let bytes: UnsafeRawBufferPointer
  private let owner: any AnyObject & Sendable

  init(_ bytes: UnsafeRawBufferPointer, of owner: any AnyObject & Sendable) {
    self.bytes = bytes
    self.owner = owner
  }
}
