import SparseRecovery

/// A chart as a gnuplot script that holds its own data.
public struct Chart: Equatable, Sendable {
  /// What it shows, as part of a file name: `roofline`.
  public let name: String
  /// The commands after those that choose the terminal and the output.
  let commands: [String]

  /// The whole script. Run in the folder of the script, it writes `stem`-`name`.svg there.
  ///
  /// - Parameter stem: the first part of the file names.
  public func script(stem: String) -> String {
    let file = "\(stem)-\(name)"
    let head = [
      "# Draw again with: gnuplot \(file).gp",
      "set encoding utf8",
      "set terminal svg size 960,720 noenhanced font 'DejaVu Sans,14' background 'white'",
      "set output \(Chart.quoted(file + ".svg"))",
      "set grid linecolor '#dddddd' linetype 1",
      "set border linecolor '#444444'",
    ]
    return (head + commands).joined(separator: "\n") + "\n"
  }

  /// Text as gnuplot reads it without looking for escapes.
  static func quoted(_ text: String) -> String {
    "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
  }

  /// A named block of data, a line for each row.
  static func data(_ name: String, _ rows: [[Double]]) -> [String] {
    ["$\(name) << EOD"]
      + rows.map { $0.map { "\($0)" }.joined(separator: " ") } + ["EOD"]
  }

  /// The colours of M. Okabe and K. Ito, which people with any colour vision tell apart.
  static func colour(_ index: Int) -> String {
    let colours = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"]
    return colours[index % colours.count]
  }
}

extension EngineIdentity {
  /// For a legend: `opencl, NVIDIA H100`.
  var legend: String { "\(name), \(device)" }
}
