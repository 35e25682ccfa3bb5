import Benchmarking
import FoundationEssentials
@preconcurrency import Glibc

/// Draws charts beside the figures.
struct Gnuplot {
  /// The JSON file whose name the charts share.
  let path: String

  private var folder: String { URL(filePath: path).deletingLastPathComponent().path }
  private var stem: String { URL(filePath: path).deletingPathExtension().lastPathComponent }

  /// Writes the script of every chart, and draws them where there is a gnuplot.
  ///
  /// - Returns: what became of them, a line for each.
  func draw(_ charts: [Chart]) throws -> [String] {
    try charts.map { chart in
      let script = chart.script(stem: stem)
      let file = "\(stem)-\(chart.name)"
      try Data(script.utf8).write(
        to: URL(filePath: folder).appending(path: "\(file).gp"), options: .atomic)
      return run(script)
        ? "\(folder)/\(file).svg"
        : "not drawn, for want of a gnuplot that takes it: `cd \(folder) && gnuplot \(file).gp`"
    }
  }

  /// Whether gnuplot took the script, which it reads from a pipe, and found nothing wrong.
  private func run(_ script: String) -> Bool {
    guard let pipe = popen("command -v gnuplot >/dev/null && exec gnuplot", "w") else {
      return false
    }
    let quoted = folder.split(separator: "'", omittingEmptySubsequences: false)
      .joined(separator: "''")
    // A pipe without a reader is told by the exit status, not by a signal that ends this process.
    let previous = signal(SIGPIPE, SIG_IGN)
    fputs("cd '\(quoted)'\n\(script)", pipe)
    let status = pclose(pipe)
    signal(SIGPIPE, previous)
    return status == 0
  }
}
