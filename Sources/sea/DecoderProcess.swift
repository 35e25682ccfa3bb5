import Glibc
import MemoryFiles
import SparseRecovery

/// A process of its own that decodes a file of a foreign format: the libraries that do trust the file.
///
/// The program `sea-decoder` lies beside the tool, which itself links to no such library. It gets the file as standard
/// input and a file without a name as standard output; it may take so much memory and time, and whatever becomes of it
/// is an error of the file. What it has written is read as any other file is.
struct DecoderProcess {
  /// The file to decode.
  let source: CInt
  /// What it is called.
  let path: String
  let format: LibraryFormat
  let member: String?
  /// The bytes of the file.
  let size: Int

  /// The program.
  private static let name = "sea-decoder"
  /// The descriptor of the process for what it has to say.
  private static let messages: CInt = 3
  /// The longest that it may say.
  private static let longest = 1 << 16

  /// What of a .mat is said on the way, where a sparse matrix became dense.
  private static let sparse = FileGuess.sparse("MATLAB")

  /// The processor time that decoding may take: a second for each MiB, of which zlib and HDF5 unpack a hundred in it,
  /// and ten more.
  private var seconds: Int { 10 + size >> 20 }

  // MARK: In the tool

  /// Decodes the file.
  ///
  /// Ctrl-C ends both processes.
  ///
  /// - Throws: ``FileError``.
  func decode() throws(FileError) -> (contents: FileContents, guesses: [FileGuess]) {
    let target = try OpenFile(emptyFor: format.label(path, member))
    // Half for what is unpacked, half for the process; a limit on files that the user has set holds as well.
    var files = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &files)
    let limit = min(AvailableMemory.bytes / 2, Int(clamping: files.rlim_cur))
    let words =
      [Self.name, format.rawValue, "\(limit)", "\(seconds)", path] + (member.map { [$0] } ?? [])
    var ends: [CInt] = [-1, -1]
    guard pipe(&ends) == 0 else { throw failure(errno) }
    // Above the numbers that the process has for its streams.
    let (ours, theirs) = (fcntl(ends[0], F_DUPFD_CLOEXEC, 8), fcntl(ends[1], F_DUPFD_CLOEXEC, 8))
    for end in ends { close(end) }
    let child = Result { () throws(FileError) in
      try spawn(words, target: target.descriptor, messages: theirs)
    }
    close(theirs)
    defer { close(ours) }
    let (text, status) = collect(ours, from: try child.get())
    guard status == 0, text.first == "decoded" else { throw error(text, status) }
    return (try target.sealedContents(), text.dropFirst().first == "sparse" ? [Self.sparse] : [])
  }

  private func spawn(
    _ words: [String], target: CInt, messages: CInt
  ) throws(FileError) -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, source, STDIN_FILENO)
    posix_spawn_file_actions_adddup2(&actions, target, STDOUT_FILENO)
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, messages, Self.messages)
    var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    // Threads would cost memory that is limited.
    var settings: [String] = ["OPENBLAS_NUM_THREADS=1", "SWIFT_BACKTRACE=enable=no"]
    for name in ["LD_LIBRARY_PATH", "LLVM_PROFILE_FILE"] {
      if let value = getenv(name) { settings.append(name + "=" + String(cString: value)) }
    }
    var environment: [UnsafeMutablePointer<CChar>?] = settings.map { strdup($0) } + [nil]
    defer { for text in arguments + environment { free(text) } }
    var child: pid_t = 0
    let code = posix_spawn(
      &child, try Self.program(for: path), &actions, nil, &arguments, &environment)
    guard code == 0 else { throw failure(code) }
    return child
  }

  /// Where the program lies: beside this one, whatever the working folder and PATH are.
  private static func program(for path: String) throws(FileError) -> String {
    var link = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink("/proc/self/exe", &link, link.count)
    let own = String(
      decoding: link.prefix(max(count, 0)).map(UInt8.init(bitPattern:)), as: UTF8.self)
    let folder = own[..<(own.lastIndex(of: "/") ?? own.startIndex)]
    let program = "\(folder)/\(name)"
    guard access(program, X_OK) == 0 else {
      throw .cannotRead(path: path, reason: "it takes the program \(program), which is not there")
    }
    return program
  }

  /// What the process says until it ends, line by line, and how it ends.
  private func collect(_ pipe: CInt, from child: pid_t) -> (text: [Substring], status: CInt) {
    var text: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while text.count <= Self.longest {
      var entry = pollfd(fd: pipe, events: Int16(POLLIN), revents: 0)
      // Signals are handled by others: they are looked for ten times a second.
      let ready = poll(&entry, 1, 100)
      if Interrupt.wasRequested {
        _ = Self.end(child)
        exit(Interrupt.exitCode.rawValue)
      }
      guard ready > 0 else { continue }
      let count = read(pipe, &chunk, chunk.count)
      if count == 0 || count < 0 && errno != EINTR { break }
      text += chunk.prefix(max(count, 0))
    }
    // It has closed its end, and so is ending, or has too much to say.
    return (String(decoding: text, as: UTF8.self).split(separator: "\n"), Self.end(child))
  }

  private static func end(_ child: pid_t) -> CInt {
    kill(child, SIGKILL)
    var status: CInt = 0
    while waitpid(child, &status, 0) < 0, errno == EINTR {}
    return status
  }

  private func error(_ text: [Substring], _ status: CInt) -> FileError {
    let signal = status & 0x7F
    if signal == 0, text.count == 3 {
      let (first, second) = (
        String(text[1]).oneLine(limit: 200), String(text[2]).oneLine(limit: 600)
      )
      switch text[0] {
      case "malformed":
        return .malformed(path: path, position: nil, expected: first, found: second)
      case "unsupported": return .unsupported(path: path, expected: first, found: second)
      default: return .cannotRead(path: path, reason: second)
      }
    }
    let end =
      switch signal {
      case SIGXCPU, SIGKILL: "one that takes its decoder more time or memory than it may"
      case 0: "one that ends its decoder with code \(status >> 8)"
      default: "one that ends its decoder by signal \(signal)"
      }
    return .malformed(path: path, position: nil, expected: "a file that can be decoded", found: end)
  }

  private func failure(_ code: CInt) -> FileError {
    .cannotRead(
      path: path, reason: "its decoder does not start: \(String(cString: strerror(code)))")
  }
}
