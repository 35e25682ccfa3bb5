import Glibc

/// Files that appear complete or not at all.
package enum AtomicFile {
  /// Writes a file of mode 0644, less the umask, by renaming a temporary one in the same folder.
  ///
  /// File and folder are on the disk when this returns. When `body` or the system fails, the
  /// temporary file is removed and what was at `path` before is untouched. A
  /// symbolic link is followed. A device or a pipe, which cannot be replaced, is written directly.
  ///
  /// - Parameter replacing: whether a file that exists is replaced; else it is an error.
  /// - Throws: ``FileError/cannotWrite(path:reason:)``, or what `body` throws.
  package static func write(
    to path: String, replacing: Bool = true, _ body: (inout FileSink) throws(FileError) -> Void
  ) throws(FileError) {
    switch kind(of: path) {
    case .directory: throw .cannotWrite(path: path, reason: "it is a directory")
    case .regular, nil: try place(path, replacing: replacing, body)
    case .pipe, .socket, .device:
      let descriptor = open(path, O_WRONLY | O_CLOEXEC)
      guard descriptor >= 0 else { throw .cannotWrite(path: path, reason: systemReason()) }
      var sink = FileSink(descriptor: descriptor, path: path)
      try body(&sink)
      try sink.flush()
    }
  }

  /// Finds out now whether ``write(to:replacing:_:)`` could make a file at `path`.
  ///
  /// - Throws: ``FileError/cannotWrite(path:reason:)``.
  package static func checkWritable(_ path: String, replacing: Bool = true) throws(FileError) {
    switch kind(of: path) {
    case .directory: throw .cannotWrite(path: path, reason: "it is a directory")
    case .regular where !replacing: throw .cannotWrite(path: path, reason: fileExists)
    case .regular, nil:
      let (temporary, descriptor) = try createTemporary(beside: resolvingLinks(path), for: path)
      close(descriptor)
      unlink(temporary)
    case .pipe, .socket, .device: break
    }
  }

  /// Refuses a name for a new file, or for one to replace, that ends in none of `endings`, which are
  /// in lower case. A device or a pipe may have any name.
  ///
  /// - Throws: ``FileError/cannotWrite(path:reason:)``.
  package static func checkEnding(of path: String, among endings: [String]) throws(FileError) {
    let name = path.lowercased()
    guard kind(of: path) ?? .regular == .regular, !endings.contains(where: name.hasSuffix) else {
      return
    }
    let list = endings.dropLast().joined(separator: ", ") + (endings.count > 1 ? " or " : "")
    throw .cannotWrite(
      path: path, reason: "expected a name that ends in \(list)\(endings.last ?? "")")
  }

  private static let fileExists = "it exists, and is not to be replaced"

  private static func place(
    _ path: String, replacing: Bool, _ body: (inout FileSink) throws(FileError) -> Void
  ) throws(FileError) {
    let target = resolvingLinks(path)
    let (temporary, descriptor) = try createTemporary(beside: target, for: path)
    do throws(FileError) {
      var sink = FileSink(descriptor: descriptor, path: path)
      try body(&sink)
      try sink.synchronize()
      if replacing {
        guard rename(temporary, target) == 0 else {
          throw .cannotWrite(path: path, reason: systemReason())
        }
      } else {
        // A second name, unlike a new one, never takes the place of another file.
        guard link(temporary, target) == 0 else {
          let reason = errno == EEXIST ? fileExists : systemReason()
          throw .cannotWrite(path: path, reason: reason)
        }
        unlink(temporary)
      }
    } catch {
      unlink(temporary)
      throw error
    }
    try synchronizeFolder(of: target, for: path)
  }

  /// Waits until the new name is on the disk: else a loss of power could bring the old file back.
  ///
  /// A folder that may not be read cannot be waited for; nor can one on a file system that refuses.
  private static func synchronizeFolder(of target: String, for path: String) throws(FileError) {
    let folder = target.lastIndex(of: "/").map { String(target[...$0]) } ?? "."
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 || errno == EINVAL || errno == EROFS else {
      throw .cannotWrite(path: path, reason: systemReason())
    }
  }

  /// Creates an empty file of an unused name in the folder of `target`.
  private static func createTemporary(
    beside target: String, for path: String
  ) throws(FileError) -> (name: String, descriptor: CInt) {
    let folder = target.lastIndex(of: "/").map { target[...$0] } ?? ""
    while true {
      // Unlike mkstemp, open lets the kernel apply the umask.
      let name = folder + ".partial-" + String(UInt64.random(in: .min ... .max), radix: 36)
      let descriptor = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
      if descriptor >= 0 { return (name, descriptor) }
      guard errno == EEXIST else { throw .cannotWrite(path: path, reason: systemReason()) }
    }
  }

  /// Whether there is anything at `path`, links followed.
  package static func exists(_ path: String) -> Bool { kind(of: path) != nil }

  /// What exists at `path`, links followed.
  private static func kind(of path: String) -> FileKind? {
    var status = stat()
    return stat(path, &status) == 0 ? FileKind(status) : nil
  }

  /// The path of an existing file without symbolic links, or else `path` itself.
  package static func resolvingLinks(_ path: String) -> String {
    guard let resolved = realpath(path, nil) else { return path }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}
