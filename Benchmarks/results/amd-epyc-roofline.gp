# Draw again with: gnuplot amd-epyc-roofline.gp
set encoding utf8
set terminal svg size 960,720 noenhanced font 'DejaVu Sans,14' background 'white'
set output 'amd-epyc-roofline.svg'
set grid linecolor '#dddddd' linetype 1
set border linecolor '#444444'
$series0 << EOD
0.49972515116685823 15.264277107686613 30.54534492019168
3.982477100756671 84.79675080050121 21.292464126005854
7.930214115781126 85.52944379501093 10.785262862550878
15.723270440251572 88.70936024091522 5.641915311322208
EOD
$series1 << EOD
0.24986257558342911 8.48245713880677 33.948489960932456
1.9912385503783354 46.57710156882959 23.39102040786622
3.965107057890563 65.43539073107691 16.502805542377594
7.861635220125786 62.85779683078354 7.995511756875667
EOD
$series2 << EOD
0.49972515116685823 16.89086474471147 33.800309440642124
3.982477100756671 100.02370092850909 25.11595130314863
7.930214115781126 96.52067110822622 12.171256626747326
15.723270440251572 101.26876510711914 6.440693460812778
EOD
$series3 << EOD
0.24986257558342911 8.358467069677122 33.45225690626178
1.9912385503783354 52.521413554759235 26.376253887200086
3.965107057890563 52.71070460725532 13.293639701949791
7.861635220125786 48.9286536134193 6.2237247396269355
EOD
set multiplot layout 2,2 title "z = Aᵀ r for several residuals at once, A 2000 × 20000\nlines: the speed of memory, and the fastest product of this run" margins 0.09,0.97,0.19,0.84 spacing 0.08,0.07
minimum(a, b) = a < b ? a : b
set samples 500
set logscale xx2y
set format '%g'
set xtics nomirror
unset key
set ylabel 'GFLOP/s'
set yrange [4.179233534838561:317.1574761202721]
set title 'single precision: residuals in a call' offset 0,0.3
set x2tics ('1' 0.49972515116685823, '8' 3.982477100756671, '16' 7.930214115781126, '32' 15.723270440251572)
set xrange [0.24986257558342911:31.446540880503143]; set x2range [0.24986257558342911:31.446540880503143]
plot minimum(36.138131068707 * x, 146.06871460329964) with lines linewidth 1.5 dashtype 1 linecolor '#0072B2' notitle, \
  $series0 using 1:2 with points pointtype 7 pointsize 1.2 linecolor '#0072B2' title 'cpu, AMD EPYC', \
  minimum(53.62229937566438 * x, 158.57873806013606) with lines linewidth 1.5 dashtype 2 linecolor '#D55E00' notitle, \
  $series2 using 1:2 with points pointtype 5 pointsize 1.2 linecolor '#D55E00' title 'opencl, pthread-skylake-avx512-AMD EPYC'
set ylabel ''
set title 'double precision: residuals in a call' offset 0,0.3
set x2tics ('1' 0.24986257558342911, '8' 1.9912385503783354, '16' 3.965107057890563, '32' 7.861635220125786)
set xrange [0.12493128779171456:15.723270440251572]; set x2range [0.12493128779171456:15.723270440251572]
plot minimum(36.138131068707 * x, 67.38228761813616) with lines linewidth 1.5 dashtype 1 linecolor '#0072B2' notitle, \
  $series1 using 1:2 with points pointtype 7 pointsize 1.2 linecolor '#0072B2' title 'cpu, AMD EPYC', \
  minimum(54.41474696227838 * x, 63.89710967913916) with lines linewidth 1.5 dashtype 2 linecolor '#D55E00' notitle, \
  $series3 using 1:2 with points pointtype 5 pointsize 1.2 linecolor '#D55E00' title 'opencl, pthread-skylake-avx512-AMD EPYC'
set ylabel ''
unset title
unset x2tics
set ylabel 'GB/s'
set yrange [2.820957655661104:108.82949392455676]
set xlabel 'arithmetic intensity (FLOP per byte)'
set xrange [0.24986257558342911:31.446540880503143]; set x2range [0.24986257558342911:31.446540880503143]
plot minimum(36.138131068707, 146.06871460329964 / x) with lines linewidth 1.5 dashtype 1 linecolor '#0072B2' notitle, \
  $series0 using 1:3 with points pointtype 7 pointsize 1.2 linecolor '#0072B2' title 'cpu, AMD EPYC', \
  minimum(53.62229937566438, 158.57873806013606 / x) with lines linewidth 1.5 dashtype 2 linecolor '#D55E00' notitle, \
  $series2 using 1:3 with points pointtype 5 pointsize 1.2 linecolor '#D55E00' title 'opencl, pthread-skylake-avx512-AMD EPYC'
set ylabel ''
set xrange [0.12493128779171456:15.723270440251572]; set x2range [0.12493128779171456:15.723270440251572]
set key at screen 0.5,0.01 center bottom maxcols 1 Left reverse
plot minimum(36.138131068707, 67.38228761813616 / x) with lines linewidth 1.5 dashtype 1 linecolor '#0072B2' notitle, \
  $series1 using 1:3 with points pointtype 7 pointsize 1.2 linecolor '#0072B2' title 'cpu, AMD EPYC', \
  minimum(54.41474696227838, 63.89710967913916 / x) with lines linewidth 1.5 dashtype 2 linecolor '#D55E00' notitle, \
  $series3 using 1:3 with points pointtype 5 pointsize 1.2 linecolor '#D55E00' title 'opencl, pthread-skylake-avx512-AMD EPYC'
set ylabel ''
unset multiplot
