@preconcurrency internal import Glibc

/// Measured choices of kernels, kept between processes: one line each, in a folder of the user's own.
///
/// Nothing depends on it. A folder or a file that is damaged, is a link, or belongs to somebody else
/// is not read and not written, and may be deleted at any time.
struct ChoiceFile: Sendable {
  /// The folder, which is made where it is missing.
  let folder: String

  private static let name = "gemv"
  private static let header = "sparse-recovery gemv 1"
  /// No more choices than these are kept, the latest of them.
  private static let mostChoices = 256
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
    withFolder { read($0).last { $0.key == Self.plain(key) }?.choice } ?? nil
  }

  /// Writes the file anew with this choice. Where two processes do so at once, one choice is measured
  /// again some day.
  func remember(_ choice: ProductKernels, for key: String) {
    let key = Self.plain(key)
    _ = withFolder { folder in
      let kept = read(folder).filter { $0.key != key }.suffix(Self.mostChoices - 1)
      write((kept + [(key, choice)]), to: folder)
    }
  }

  /// A key on one line, without what separates fields.
  private static func plain(_ key: String) -> String {
    String(String.UnicodeScalarView(key.unicodeScalars.map { $0.value < 32 ? " " : $0 }))
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
  private func read(_ folder: Int32) -> [(key: String, choice: ProductKernels)] {
    // Not to wait at a pipe of this name.
    let descriptor = openat(folder, Self.name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { return [] }
    defer { close(descriptor) }
    guard let status = Self.status(descriptor), status.st_mode & S_IFMT == S_IFREG,
      (1...Self.mostBytes).contains(Int(status.st_size))
    else { return [] }
    let size = Int(status.st_size)
    let text = String(unsafeUninitializedCapacity: size) {
      max(0, Glibc.read(descriptor, $0.baseAddress, size))
    }
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.first.map(String.init) == Self.header, lines.popLast() == "" else { return [] }
    let choices = lines.dropFirst().map { line in
      let fields = line.split(separator: "\t", maxSplits: 1).map(String.init)
      return (fields.last ?? "", fields.first.flatMap(ProductKernels.init), fields.count)
    }
    return choices.allSatisfy { $0.1 != nil && $0.1 != .auto && $0.2 == 2 }
      ? choices.compactMap { key, choice, _ in choice.map { (key, $0) } } : []
  }

  /// Writes beside the file and renames, so that it is whole whenever somebody reads it.
  private func write(_ choices: [(key: String, choice: ProductKernels)], to folder: Int32) {
    let lines = [Self.header] + choices.map { "\($0.choice)\t\($0.key)" }
    var text = lines.joined(separator: "\n") + "\n"
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
