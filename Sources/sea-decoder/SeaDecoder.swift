import ForeignFiles
import Glibc
import MatrixFiles
import MemoryFiles
import SparseCore

/// Decodes one file for `sea`, with the libraries that trust it: from standard input to standard output, within limits.
///
/// `sea-decoder FORMAT BYTES SECONDS PATH [MEMBER]`. What it has to say goes to descriptor 3, a line each: `decoded`, and
/// `sparse` where a sparse matrix became dense; or an error.
@main
enum SeaDecoder {
  /// The descriptor for what is said.
  private static let messages: CInt = 3

  static func main() {
    let words = CommandLine.arguments
    guard words.count == 5 || words.count == 6, let format = LibraryFormat(rawValue: words[1]),
      let limit = Int(words[2]), let seconds = UInt(words[3])
    else {
      print("sea starts this program to decode files of other programs.")
      exit(EX_USAGE)
    }
    ChildProcess.endWithParent()
    // Files that grow beyond their limit are an error and no signal.
    signal(SIGXFSZ, SIG_IGN)
    for number in [SIGINT, SIGTERM, SIGHUP] { signal(number, SIG_DFL) }
    var text = "decoded\n"
    var code = EXIT_SUCCESS
    do throws(FileError) {
      let file = try FileContents(descriptor: STDIN_FILENO, path: words[4])
      limitResources(memory: limit, seconds: seconds)
      let decoder = ForeignDecoder(format, member: words.count == 6 ? words[5] : nil, limit: limit)
      let guesses = try decoder.decode(file, at: "/proc/self/fd/0", into: STDOUT_FILENO)
      if guesses.contains(.sparse("MATLAB")) { text += "sparse\n" }
    } catch {
      (text, code) = (lines(error), EX_DATAERR)
    }
    let bytes = Array(text.utf8)
    _ = write(messages, bytes, bytes.count)
    exit(code)
  }

  /// What the tool reads again: the kind of an error, what was expected and what was found.
  private static func lines(_ error: FileError) -> String {
    let (kind, expected, found) =
      switch error {
      case .malformed(_, _, let expected, let found): ("malformed", expected, found)
      case .unsupported(_, let expected, let found): ("unsupported", expected, found)
      case .cannotRead(_, let reason), .cannotWrite(_, let reason): ("cannotRead", "-", reason)
      }
    return [kind, expected.oneLine(), found.oneLine()].joined(separator: "\n") + "\n"
  }

  /// Limits this process from now on: to so much more memory, to processor time, and to no files of its memory.
  private static func limitResources(memory: Int, seconds: UInt) {
    // The first number is the pages that are mapped already. Source: proc(5), statm.
    var pages = 0
    if let status = fopen("/proc/self/statm", "re") {
      var line = [CChar](repeating: 0, count: 64)
      if fgets(&line, CInt(line.count), status) != nil { pages = strtol(line, nil, 10) }
      fclose(status)
    }
    let mapped = pages * sysconf(CInt(_SC_PAGESIZE))
    for (resource, most) in [
      (RLIMIT_AS, UInt(mapped + memory + spare)), (RLIMIT_CPU, seconds), (RLIMIT_CORE, 0),
      (RLIMIT_FSIZE, UInt(memory)),
    ] {
      // What is less already, as a user has said, stays.
      var limit = rlimit()
      getrlimit(__rlimit_resource_t(resource.rawValue), &limit)
      limit.rlim_cur = min(limit.rlim_cur, rlim_t(most))
      setrlimit(__rlimit_resource_t(resource.rawValue), &limit)
    }
  }

  /// What libraries take that have hardly begun.
  private static let spare = 64 << 20
}
