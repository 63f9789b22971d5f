/** Given and family names of one part of the world, the common ones first. */
export type NameFamily = keyof typeof names;

/** Letters outside ASCII are here on purpose: people have them. */
// biome-ignore format: lists read best in lines
export const names = {
  indian: {
    given: ["Aarav", "Priya", "Rahul", "Ananya", "Vijay", "Lakshmi", "Arjun", "Sunita", "Rohan", "Kavya", "Sanjay", "Meera", "Imran", "Fatima", "Harpreet"],
    family: ["Kumar", "Singh", "Sharma", "Devi", "Patel", "Khan", "Das", "Reddy", "Gupta", "Nair", "Iyer", "Kaur", "Joshi", "Banerjee", "Chowdhury"],
  },
  english: {
    given: ["James", "Mary", "Michael", "Emma", "David", "Olivia", "John", "Sarah", "Daniel", "Grace", "Liam", "Chloe", "Noah", "Hannah", "Siobhán"],
    family: ["Smith", "Johnson", "Williams", "Brown", "Jones", "Taylor", "Davies", "Wilson", "Evans", "O'Brien", "Walker", "Hall", "Campbell", "Lewis", "Moore"],
  },
  indonesian: {
    given: ["Siti", "Muhammad", "Budi", "Dewi", "Agus", "Sri", "Andi", "Rina", "Eko", "Putri", "Wayan", "Yusuf", "Ratna", "Joko", "Indah"],
    family: ["Wijaya", "Santoso", "Setiawan", "Hidayat", "Saputra", "Lestari", "Nugroho", "Susanto", "Siregar", "Pratama", "Halim", "Kusuma", "Simanjuntak"],
  },
  arabic: {
    given: ["Mohamed", "Fatma", "Ahmed", "Aisha", "Ali", "Mariam", "Omar", "Zainab", "Hassan", "Noor", "Ibrahim", "Layla", "Yusuf", "Amina", "Bilal"],
    family: ["Ahmed", "Khan", "Hassan", "Ali", "Mahmoud", "Hussain", "Ibrahim", "Malik", "El-Sayed", "Qureshi", "Mansour", "Butt", "Abdullah", "Sheikh", "Nasser"],
  },
  westAfrican: {
    given: ["Chinedu", "Ngozi", "Oluwaseun", "Aisha", "Emeka", "Folake", "Musa", "Adaeze", "Tunde", "Kwame", "Ama", "Sipho", "Wanjiku", "Thandiwe", "Otieno"],
    family: ["Okafor", "Adeyemi", "Ibrahim", "Balogun", "Eze", "Mensah", "Okonkwo", "Ọlátúnjí", "Bello", "Nwosu", "Dlamini", "Owusu", "Mwangi", "Achieng", "Nkosi"],
  },
  portuguese: {
    given: ["Maria", "José", "João", "Ana", "Antônio", "Francisca", "Pedro", "Júlia", "Lucas", "Letícia", "Gabriel", "Beatriz", "Mateus", "Larissa"],
    family: ["da Silva", "dos Santos", "Oliveira", "Souza", "Pereira", "Ferreira", "Costa", "Rodrigues", "Almeida", "Araújo", "Conceição", "Gonçalves", "Brandão"],
  },
  spanish: {
    given: ["María", "José", "Juan", "Guadalupe", "Carlos", "Ana", "Luis", "Sofía", "Miguel", "Valentina", "Jesús", "Camila", "Andrés", "Íñigo"],
    family: ["García", "Hernández", "Rodríguez", "Martínez", "López", "González", "Pérez", "Sánchez", "Ramírez", "Reyes", "Santos", "Núñez", "Ibáñez", "Muñoz"],
  },
  vietnamese: {
    given: ["Anh", "Minh", "Linh", "Hương", "Đức", "Thảo", "Tuấn", "Mai", "Hùng", "Ngọc", "Quân", "Trang", "Long", "Yến"],
    family: ["Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Huỳnh", "Phan", "Vũ", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô"],
  },
  german: {
    given: ["Anna", "Lukas", "Sophie", "Jonas", "Lena", "Paul", "Marie", "Finn", "Jürgen", "Käthe", "Felix", "Mia", "Emre", "Elif", "Sören"],
    family: ["Müller", "Schmidt", "Schneider", "Fischer", "Weber", "Meyer", "Wagner", "Becker", "Schulz", "Hoffmann", "Yılmaz", "Groß", "Krüger", "Kowalski"],
  },
  french: {
    given: ["Marie", "Jean", "Camille", "Pierre", "Léa", "Louis", "Chloé", "Hugo", "Inès", "Mohamed", "Zoé", "Noël", "Éloïse", "Théo"],
    family: ["Martin", "Bernard", "Dubois", "Thomas", "Robert", "Petit", "Durand", "Leroy", "Moreau", "Lefèvre", "Benali", "Diallo", "Côté", "Béranger"],
  },
} as const;
