@preconcurrency internal import Glibc

/// A folder of the user's own for what processes remember, one small file each.
///
/// Nothing depends on it. A folder or a file that is a link, or belongs to somebody else, is not read and not
/// written; whatever is in it may be deleted at any time.
struct CacheFolder: Sendable {
  /// Where it is. It is made where it is missing, its parent is not.
  let path: String

  /// A folder at this path.
  init(_ path: String) { self.path = path }

  /// The user's: `sparse-recovery` in `$XDG_CACHE_HOME`, else in `~/.cache`; nil where neither is an absolute
  /// path, or `$SPARSE_RECOVERY_CACHE` is 0.
  ///
  /// - Parameter variable: that of the environment by its name.
  init?(
    _ variable: (String) -> String? = { name in getenv(name).map { String(cString: $0) } }
  ) {
    func folder(_ name: String) -> String? {
      variable(name).flatMap { $0.hasPrefix("/") ? $0 : nil }
    }
    guard variable("SPARSE_RECOVERY_CACHE") != "0",
      let caches = folder("XDG_CACHE_HOME") ?? folder("HOME").map({ $0 + "/.cache" })
    else { return nil }
    mkdir(caches, 0o700)
    self.init(caches + "/sparse-recovery")
  }

  /// The folder of this name in it.
  func folder(_ name: String) -> CacheFolder {
    mkdir(path, 0o700)
    return CacheFolder("\(path)/\(name)")
  }

  /// What a file holds, or nil where it is not there, is empty or has more bytes than these. It counts as used
  /// now.
  func read(_ name: String, atMost most: Int) -> [UInt8]? {
    withDescriptor { folder in
      // Not to wait at a pipe of this name.
      let descriptor = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
      guard descriptor >= 0 else { return nil }
      defer { close(descriptor) }
      guard let status = Self.status(descriptor), status.st_mode & S_IFMT == S_IFREG,
        (1...most).contains(Int(status.st_size))
      else { return nil }
      let size = Int(status.st_size)
      futimens(descriptor, nil)
      return [UInt8](unsafeUninitializedCapacity: size) {
        $1 = max(0, Glibc.read(descriptor, $0.baseAddress, size))
      }
    } ?? nil
  }

  /// Writes beside the file and renames, so that it is whole whenever somebody reads it. Of two processes that do
  /// so at once, one wins.
  func write(_ bytes: [UInt8], to name: String) {
    _ = withDescriptor { folder in
      let temporary = "\(name).\(getpid())"
      let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
      let descriptor = openat(folder, temporary, flags, 0o600)
      guard descriptor >= 0 else { return }
      let isWhole = Glibc.write(descriptor, bytes, bytes.count) == bytes.count
      close(descriptor)
      guard isWhole, renameat(folder, temporary, folder, name) == 0 else {
        unlinkat(folder, temporary, 0)
        return
      }
    }
  }

  /// Removes the files that were not used for longest, until no more than these are left. What a process that
  /// died was writing counts too.
  func keep(atMost most: Int, bytes mostBytes: Int) {
    _ = withDescriptor { folder in
      var (count, bytes) = (0, 0)
      for file in files(in: folder).sorted(by: { $0.used > $1.used }) {
        (count, bytes) = (count + 1, bytes + file.bytes)
        if count > most || bytes > mostBytes { unlinkat(folder, file.name, 0) }
      }
    }
  }

  /// The regular files of an open folder, and when each was last used, in nanoseconds.
  private func files(in folder: Int32) -> [(name: String, bytes: Int, used: Int)] {
    let descriptor = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return [] }
    guard let listing = fdopendir(descriptor) else {
      close(descriptor)
      return []
    }
    defer { closedir(listing) }
    var files: [(String, Int, Int)] = []
    while let entry = readdir(listing) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      var status = stat()
      guard fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0,
        status.st_mode & S_IFMT == S_IFREG
      else { continue }
      let used = status.st_mtim.tv_sec * 1_000_000_000 + status.st_mtim.tv_nsec
      files.append((name, Int(status.st_size), used))
    }
    return files
  }

  /// Opens the folder for as long as `body` runs; nil where it is not the user's alone to write to.
  private func withDescriptor<Result>(_ body: (Int32) -> Result) -> Result? {
    mkdir(path, 0o700)
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    guard let status = Self.status(descriptor), status.st_mode & 0o022 == 0 else { return nil }
    return body(descriptor)
  }

  /// The status of something open that belongs to the user.
  private static func status(_ descriptor: Int32) -> stat? {
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_uid == geteuid() else { return nil }
    return status
  }
}
