internal import CMemoryFiles
import Glibc
package import MatrixFiles
import SparseCore

/// A file that is open, with a name or without one in memory, closed with this value.
package struct OpenFile: ~Copyable {
  /// Its descriptor, above those of the standard streams, closed when another program starts.
  package let descriptor: CInt
  /// What it is called in messages.
  package let path: String

  /// Opens a file to read.
  ///
  /// - Throws: ``FileError/cannotRead(path:reason:)``, as the others do.
  package init(_ path: String) throws(FileError) {
    // A pipe without a writer would block here; who maps it refuses it.
    descriptor = try Self.moved(open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), path: path)
    self.path = path
  }

  /// Makes an empty file in memory.
  package init(emptyFor path: String) throws(FileError) {
    descriptor = try Self.moved(mf_anonymous_file(), path: path)
    self.path = path
  }

  /// Takes what comes of `source` to its end, a pipe for instance, into memory; a file that nobody has begun to read is
  /// opened once more.
  ///
  /// - Throws: ``FileError/cannotRead(path:reason:)``, also where that is more than half the memory that is available.
  package static func copy(of source: CInt, path: String) throws(FileError) -> OpenFile {
    var status = stat()
    let isFile = fstat(source, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    if isFile, lseek(source, 0, SEEK_CUR) == 0 {
      return try OpenFile(fcntl(source, F_DUPFD_CLOEXEC, 0), path: path)
    }
    let file = try OpenFile(emptyFor: path)
    try file.fill(from: source, limit: AvailableMemory.bytes / 2)
    return file
  }

  /// Takes over a descriptor.
  private init(_ descriptor: CInt, path: String) throws(FileError) {
    self.descriptor = try Self.moved(descriptor, path: path)
    self.path = path
  }

  /// The same file under another number: where a standard stream is closed its number is free.
  private static func moved(_ descriptor: CInt, path: String) throws(FileError) -> CInt {
    guard descriptor >= 0 else { throw .cannotRead(path: path, reason: systemReason()) }
    let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 8)
    let reason = systemReason()
    close(descriptor)
    guard copy >= 0 else { throw .cannotRead(path: path, reason: reason) }
    return copy
  }

  private func fill(from source: CInt, limit: Int) throws(FileError) {
    let copy = dup(descriptor)
    guard copy >= 0 else { throw .cannotRead(path: path, reason: systemReason()) }
    var sink = FileSink(descriptor: copy, path: path)
    let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
    defer { chunk.deallocate() }
    var total = 0
    while case let count = read(source, chunk.baseAddress, chunk.count), count != 0 {
      guard count > 0 || errno == EINTR else {
        throw .cannotRead(path: path, reason: systemReason())
      }
      total += max(count, 0)
      guard total <= limit else {
        throw .cannotRead(path: path, reason: "it holds more than \(limit) bytes")
      }
      try sink.write(UnsafeRawBufferPointer(rebasing: chunk[..<max(count, 0)]))
    }
    try sink.flush()
  }

  /// What was written into a file in memory, which nobody can change any more.
  ///
  /// - Throws: ``FileError``, also where there is nothing, or where somebody may still write.
  package func sealedContents() throws(FileError) -> FileContents {
    guard mf_seal(descriptor) == 0 else {
      throw .cannotRead(path: path, reason: systemReason())
    }
    return try FileContents(descriptor: descriptor, path: path)
  }

  deinit { close(descriptor) }
}

/// The text of the last system call's error.
private func systemReason() -> String { String(cString: strerror(errno)) }

/// What ties a process to the one that started it.
package enum ChildProcess {
  /// Has the system end this process when the one that started it does.
  package static func endWithParent() { mf_end_with_parent() }
}
