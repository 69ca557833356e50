# Picture of alloying.sh: gnuplot -e "folder='auli_alloying.out'" alloying.gp  ->  FOLDER/alloying.png
if (!exists("folder")) folder = "auli_alloying.out"
set terminal pngcairo size 1100,1300 font ",13"
set output folder."/alloying.png"
set multiplot
set lmargin at screen 0.10
set rmargin at screen 0.86
set xrange [0:*]

set tmargin at screen 0.96
set bmargin at screen 0.69
set ylabel "position along c (A)"
set cblabel "Au fraction"
set palette defined (0 "#4c2a85", 0.5 "#e4e1ea", 1 "#d4a017")
set cbrange [0:1]
set autoscale xfix
set autoscale yfix
set pm3d map corners2color c1
splot folder."/profile.dat" using ($1/1000):2:($3+$4 > 0 ? $4/($3+$4) : NaN) notitle

unset pm3d
set grid
set y2tics
set ytics nomirror
set tmargin at screen 0.62
set bmargin at screen 0.38
set ylabel "mixing fraction"
set y2label "heat released (eV/atom)"
set yrange [0:1.05]
set y2range [0:*]
set key bottom right
plot folder."/mixing.dat" using ($2/1000):3 with lines linewidth 2 linecolor rgb "#4c2a85" title "mixing fraction", \
     folder."/heat.dat" using ($1/1000):2 axes x1y2 with lines linewidth 2 linecolor rgb "#d4a017" title "heat"

set tmargin at screen 0.31
set bmargin at screen 0.07
set xlabel "time (ps)"
set ylabel "dissolved Au atoms"
set y2label "interface width (A)"
set yrange [0:*]
set key bottom right
plot folder."/clusters.txt" using ($1/1000):2 with lines linewidth 2 linecolor rgb "#4c2a85" title "dissolved", \
     folder."/clusters.txt" using ($1/1000):5 with lines linewidth 2 linecolor rgb "#2e9e6b" title "largest cluster of them", \
     folder."/width.dat" using ($1/1000):2 axes x1y2 with lines linewidth 2 linecolor rgb "#d4a017" title "width"
unset multiplot
