@preconcurrency internal import Glibc

/// Measured choices of kernels, kept between processes: one line each, in a folder of the user's own.
///
/// Nothing depends on it. A folder or a file that is damaged, is a link, or belongs to somebody else
/// is not read and not written, and may be deleted at any time.
struct ChoiceFile: Sendable {
  /// The folder, which is made where it is missing.
  let folder: String

  private static let name = "gemv"
  private static let mostBytes = 1 << 18

  /// A file in this folder.
  init(folder: String) { self.folder = folder }

  /// The user's: in `$XDG_CACHE_HOME`, else in `~/.cache`; nil where neither is an absolute path.
  init?() {
    func folder(_ variable: String) -> String? {
      guard let value = getenv(variable) else { return nil }
      let path = String(cString: value)
      return path.hasPrefix("/") ? path : nil
    }
    guard let caches = folder("XDG_CACHE_HOME") ?? folder("HOME").map({ $0 + "/.cache" }) else {
      return nil
    }
    mkdir(caches, 0o700)
    self.init(folder: caches + "/sparse-recovery")
  }

  /// What was chosen for this key.
  func choice(for key: String) -> ProductKernels? {
    withFolder { read($0).last { $0.key == ChoiceText.plain(key) }?.kernels } ?? nil
  }

  /// Writes the file anew with this choice. Where two processes do so at once, one choice is measured
  /// again some day.
  func remember(_ choice: ProductKernels, for key: String) {
    let key = ChoiceText.plain(key)
    _ = withFolder { folder in
      let kept = read(folder).filter { $0.key != key }.suffix(ChoiceText.most - 1)
      write(ChoiceText(kept + [ChoiceText.Choice(key: key, kernels: choice)]), to: folder)
    }
  }

  /// Opens the folder for as long as `body` runs; nil where it is not the user's alone to write to.
  private func withFolder<Result>(_ body: (Int32) -> Result) -> Result? {
    mkdir(folder, 0o700)
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
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

  /// All choices, or none where a single line is damaged.
  private func read(_ folder: Int32) -> [ChoiceText.Choice] {
    // Not to wait at a pipe of this name.
    let descriptor = openat(folder, Self.name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { return [] }
    defer { close(descriptor) }
    guard let status = Self.status(descriptor), status.st_mode & S_IFMT == S_IFREG,
      (1...Self.mostBytes).contains(Int(status.st_size))
    else { return [] }
    let size = Int(status.st_size)
    let bytes = [UInt8](unsafeUninitializedCapacity: size) {
      $1 = max(0, Glibc.read(descriptor, $0.baseAddress, size))
    }
    return ChoiceText(bytes)?.choices ?? []
  }

  /// Writes beside the file and renames, so that it is whole whenever somebody reads it.
  private func write(_ choices: ChoiceText, to folder: Int32) {
    var text = choices.text
    let temporary = "\(Self.name).\(getpid())"
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
    let descriptor = openat(folder, temporary, flags, 0o600)
    guard descriptor >= 0 else { return }
    let isWhole = text.withUTF8 { Glibc.write(descriptor, $0.baseAddress, $0.count) == $0.count }
    close(descriptor)
    guard isWhole, renameat(folder, temporary, folder, Self.name) == 0 else {
      unlinkat(folder, temporary, 0)
      return
    }
  }
}
