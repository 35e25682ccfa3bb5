import Glibc

/// The program gnuplot of this machine.
package struct Gnuplot: Sendable {
  /// Where it lies.
  package let path: String

  /// The gnuplot of this machine, or nil where there is none.
  package init?() {
    guard let folders = getenv("PATH") else { return nil }
    self.init(searching: String(cString: folders))
  }

  /// The first gnuplot in these folders, written as in PATH.
  ///
  /// Only those that are named from the root are searched. Others, also empty ones, lie in the
  /// working folder, where data of anybody may be: a shell would start what is called gnuplot there.
  package init?(searching folders: String) {
    let candidates = folders.split(separator: ":").filter { $0.hasPrefix("/") }
      .map { "\($0)/gnuplot" }
    guard let path = candidates.first(where: { access($0, X_OK) == 0 }) else { return nil }
    self.path = path
  }

  /// Uses the program at `path`.
  package init(path: String) { self.path = path }

  /// Draws into the file at `target`, which appears complete or not at all.
  ///
  /// The script goes through a socket, the picture comes from standard output: no shell runs, and
  /// gnuplot is told no file name.
  ///
  /// - Parameter replacing: whether a file that exists is replaced; else it is an error.
  /// - Throws: ``ChartError``.
  package func draw(
    _ script: GnuplotScript, as format: PictureFormat, to target: String, replacing: Bool = true
  ) throws(ChartError) {
    try place(target, replacing: replacing) { (picture) throws(ChartError) in
      try run(script.text(format), output: picture)
    }
  }

  /// The picture as text.
  ///
  /// - Throws: ``ChartError``.
  package func picture(of script: GnuplotScript) throws(ChartError) -> String {
    let file = Descriptor.temporary()
    guard file.isOpen else {
      throw .cannotWrite(path: "a temporary file", reason: systemReason())
    }
    try run(script.text(.svg), output: file)
    return try file.text()
  }

  private func run(_ script: String, output: borrowing Descriptor) throws(ChartError) {
    var ends: [Int32] = [-1, -1]
    // Writing to a socket, unlike to a pipe, can fail without a signal.
    let stream = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
    guard socketpair(AF_UNIX, stream, 0, &ends) == 0 else {
      throw .gnuplotFailed(status: -1, message: systemReason())
    }
    let ours = Descriptor(ends[0])
    let theirs = Descriptor(ends[1])
    // A file, so that gnuplot never waits for somebody to read what it says.
    let messages = Descriptor.temporary()
    let child = try spawn(input: theirs, output: output, messages: messages)
    theirs.close()
    ours.send(script)
    ours.close()
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0, errno == EINTR {}
    guard status == 0 else {
      let signal = status & 0x7F
      // As a shell counts them.
      throw .gnuplotFailed(
        status: signal == 0 ? status >> 8 : 128 + signal, message: messages.contents())
    }
  }

  private func spawn(
    input: borrowing Descriptor, output: borrowing Descriptor, messages: borrowing Descriptor
  ) throws(ChartError) -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, input.number, STDIN_FILENO)
    posix_spawn_file_actions_adddup2(&actions, output.number, STDOUT_FILENO)
    posix_spawn_file_actions_adddup2(&actions, messages.number, STDERR_FILENO)
    // Without the settings of the user, who would get other pictures than everybody else.
    var arguments: [UnsafeMutablePointer<CChar>?] = [strdup(path), strdup("-d"), nil]
    var environment: [UnsafeMutablePointer<CChar>?] = [strdup("LC_ALL=C.UTF-8")]
    if let home = getenv("HOME") { environment.append(strdup("HOME=" + String(cString: home))) }
    environment.append(nil)
    defer { for text in arguments + environment { free(text) } }
    var child: pid_t = 0
    let code = posix_spawn(&child, path, &actions, nil, &arguments, &environment)
    guard code == 0 else {
      throw .gnuplotFailed(status: code, message: String(cString: strerror(code)))
    }
    return child
  }
}
